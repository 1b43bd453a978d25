import { parseNetwork } from '@fleetwall/core';
import { z } from 'zod';
import { text } from './shared-fields.js';

const isNetwork = (network: string) => {
  try {
    return parseNetwork(network) !== undefined;
  } catch {
    return false;
  }
};

function listen(port: number, host: string, what: string) {
  return z.strictObject({
    host: text.default(host).describe('Address that it listens on.'),
    port: z.int().min(0).max(65_535).default(port).describe(`Port ${what}; 0: any free one.`),
  });
}

const sender = z.strictObject({
  from: text
    .refine(isNetwork, 'expected an address or a network such as 192.0.2.0/24')
    .describe('Address or network of the device; the narrowest one counts.'),
  host: text.optional().describe('Host of its events; its address when absent.'),
  evidence: z
    .enum(['unauthenticated', 'handshake'])
    .default('unauthenticated')
    .describe(
      'What its word is worth: only handshake can block, and only over TCP or TLS, where addresses cannot be forged.',
    ),
});

/** Devices that can run no collector. */
export const syslogSchema = z
  .strictObject({
    udp: listen(514, '0.0.0.0', 'for datagrams').optional(),
    tcp: listen(514, '0.0.0.0', 'for TCP').optional(),
    tls: listen(6514, '0.0.0.0', 'for TLS')
      .extend({
        certFile: text.describe('Certificate (PEM).'),
        keyFile: text.describe('Its key (PEM).'),
        caFile: text.optional().describe('Certificates that sign those of the senders (PEM); asked for when given.'),
      })
      .optional(),
    senders: z.array(sender).min(1).describe('Who may send. What others send is counted and thrown away.'),
  })
  .describe('Receive syslog of devices that run no collector.');

/** Web applications that tell how logons went. */
export const logonsSchema = z
  .strictObject({
    host: text.default('127.0.0.1').describe('Address that it listens on.'),
    port: z.int().min(0).max(65_535).default(8688).describe('Port of POST /v1/logons; 0: any free one.'),
    tls: z
      .strictObject({
        certFile: text.describe('Certificate (PEM).'),
        keyFile: text.describe('Its key (PEM).'),
      })
      .optional(),
    tokens: z
      .array(
        z.strictObject({
          application: z
            .string()
            .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits, dots, dashes and underscores')
            .describe('Name of the application.'),
          tokenSha256: z
            .string()
            .regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits: printf %s TOKEN | sha256sum')
            .describe('SHA-256 of its token, in hex.'),
        }),
      )
      .min(1)
      .describe('Applications and the hashes of their tokens.'),
  })
  .refine(
    ({ host, tls }) => tls !== undefined || host === '127.0.0.1' || host === '::1' || host === 'localhost',
    'expected tls where it listens on more than loopback: the token would be readable on the way',
  )
  .describe('Receive results of logons from web applications over HTTP.');
