import { DEFAULT_WEB_PORTS } from '@fleetwall/core';
import { z } from 'zod';
import { elasticsearchSchema, gatewaySchema, kafkaSchema, uplinkSchema } from './cluster-schema.js';
import { consoleSchema } from './console-schema.js';
import { geoSchema } from './geo-schema.js';
import { logonsSchema, syslogSchema } from './inputs-schema.js';
import { notificationsSchema } from './notifications-schema.js';
import { privacySchema } from './privacy-schema.js';

const bytes = z.int().min(1 << 20);

/** Every option of every process: each takes what concerns it. Also the source of docs/configuration.md and of the sample file. */
export const configSchema = z.strictObject({
  http: z
    .strictObject({
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(8686)
        .describe('Port of /health, /metrics and, where there is one, the console; 0: any free one.'),
      host: z
        .string()
        .min(1)
        .default('127.0.0.1')
        .describe('Address that it listens on; more than loopback only where others cannot reach it.'),
    })
    .prefault({}),
  collector: z
    .strictObject({
      host: z.string().min(1).optional().describe('Name of this host; the system knows it when absent.'),
      files: z
        .union([z.literal('auto'), z.array(z.string().min(1))])
        .default('auto')
        .describe('Log files to watch (globs); auto: the logs of this system.'),
      journald: z
        .union([z.literal('auto'), z.boolean()])
        .default('auto')
        .describe('Read the journal; auto: where there is no readable log file with the same lines.'),
      stdin: z.boolean().default(false).describe('Read lines from standard input.'),
      zone: z.string().min(1).optional().describe("Time zone of stamps that name none; the system's own when absent."),
      maxCpuShare: z
        .number()
        .gt(0)
        .max(1)
        .default(0.5)
        .describe('Share of one processor core that reading, and all that follows from it in this process, may use.'),
      maxLineBytes: z
        .int()
        .min(1_024)
        .max(1 << 20)
        .default(65_536)
        .describe('A longer line is cut there.'),
      trustedProxies: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Proxies in front of this host, as networks or names of lists (cloudflare, fastly): they are believed in X-Forwarded-For.',
        ),
      spool: z
        .strictObject({
          maxBytes: bytes.default(1 << 30).describe('Most that waits on disk for the centre.'),
          maxAgeDays: z.number().gt(0).max(90).default(7).describe('Longest that it waits there.'),
        })
        .prefault({}),
      syslog: syslogSchema.optional(),
      logons: logonsSchema.optional(),
      uplink: uplinkSchema.optional(),
    })
    .prefault({}),
  firewall: z
    .enum(['auto', 'nftables', 'dry-run'])
    .default('auto')
    .describe('Where blocks are enforced, once armed; auto: nftables where it works.'),
  firewallWebPorts: z
    .array(z.int().min(1).max(65_535))
    .min(1)
    .max(100)
    .transform((ports) => [...new Set(ports)])
    .default([...DEFAULT_WEB_PORTS])
    .describe(
      'What a block on evidence of web applications alone closes on this host: the ports that clients connect to.',
    ),
  tenancy: z
    .enum(['one', 'host'])
    .default('one')
    .describe('one: all hosts have one owner, a block holds on all of them; host: each host only speaks for itself.'),
  rules: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Directories of Sigma rules; the shipped ones when absent.'),
  policies: z.string().min(1).optional().describe('Directory of policies; the shipped ones when absent.'),
  sources: z.string().min(1).optional().describe('Directory of log sources of your own; see docs/sources.md.'),
  proxies: z
    .string()
    .min(1)
    .optional()
    .describe('Directory of lists of known proxies, which are never blocked; the shipped ones when absent.'),
  limits: z
    .strictObject({
      widestIpv4Prefix: z
        .int()
        .min(8)
        .max(32)
        .default(24)
        .describe('Widest IPv4 network that may be blocked, in bits.'),
      widestIpv6Prefix: z
        .int()
        .min(19)
        .max(64)
        .default(48)
        .describe('Widest IPv6 network that may be blocked, in bits.'),
    })
    .prefault({}),
  windows: z
    .strictObject({
      maxBytes: bytes
        .default(512 << 20)
        .describe('Memory for counting; beyond it one-shot addresses are forgotten first.'),
      snapshotSeconds: z
        .int()
        .min(1)
        .max(3_600)
        .default(30)
        .describe('How often the counts are saved; what came since is counted again after a crash.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      retentionDays: z.int().min(1).max(3_650).default(30).describe('Events older than this are deleted, by day.'),
      memoryLimitMb: z
        .int()
        .min(64)
        .max(65_536)
        .default(96)
        .describe('Memory for storing and searching events; larger searches use the disk.'),
    })
    .prefault({}),
  privacy: privacySchema.prefault({}),
  kafka: kafkaSchema.optional(),
  elasticsearch: elasticsearchSchema.optional(),
  gateway: gatewaySchema.prefault({}),
  console: consoleSchema.prefault({}),
  geo: geoSchema.prefault({}),
  notifications: notificationsSchema.optional(),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('Least grave messages that the service writes about itself.'),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;
