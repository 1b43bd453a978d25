import { z } from 'zod';
import { text, zone } from './shared-fields.js';

/** Letters, digits, dot, dash and underscore: what Kafka allows in a topic's name. */
const principal = z.string().regex(/^[A-Za-z0-9._-]{1,200}$/);

export const kafkaSchema = z
  .strictObject({
    brokers: z.array(text).min(1).describe('host:port of some brokers; the others are learnt from them.'),
    tls: z
      .strictObject({
        enabled: z.boolean().default(false).describe('Speak TLS to the brokers.'),
        caFile: text.optional().describe('Certificates that sign theirs (PEM); those of the system when absent.'),
        certFile: text.optional().describe('Certificate of this process (PEM), where brokers want one.'),
        keyFile: text.optional().describe('Its key (PEM).'),
      })
      .prefault({}),
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How to log on.'),
        username: text.describe('User, the principal of the ACLs.'),
        password: text.optional().describe('Its password; better in a file or a variable.'),
        passwordFile: text.optional().describe('File with the password.'),
      })
      .optional(),
    partitions: z
      .int()
      .min(1)
      .max(1_000)
      .default(12)
      .describe('Partitions of topics that scale out; fixed when they are created.'),
    replicationFactor: z
      .int()
      .min(1)
      .max(10)
      .optional()
      .describe('Copies of each partition; 3, or as many as there are brokers, when absent.'),
    sessionTimeoutMs: z
      .int()
      .min(6_000)
      .max(300_000)
      .default(15_000)
      .describe('After how long without a sign another instance takes over.'),
  })
  .describe('Apache Kafka 3.9 or newer carries the topics; files of this process when absent.');

export const elasticsearchSchema = z
  .strictObject({
    nodes: z.array(z.url()).min(1).describe('Addresses of some nodes, https://host:9200.'),
    apiKey: text.optional().describe('API key (base64); better in a file or a variable.'),
    apiKeyFile: text.optional().describe('File with the API key.'),
    username: text.optional().describe('User, where there is no API key.'),
    password: text.optional().describe('Its password; better in a file or a variable.'),
    passwordFile: text.optional().describe('File with the password.'),
    caFile: text.optional().describe('Certificates that sign theirs (PEM); those of the system when absent.'),
    replicas: z.int().min(0).max(10).default(1).describe('Copies of each index besides the first.'),
    bytesPerTenantPerDay: z
      .int()
      .min(1 << 20)
      .optional()
      .describe(
        "Most bytes of one tenant's events of one day; what is beyond goes to the dead letters. No limit when absent.",
      ),
  })
  .describe('Elasticsearch 8.19 or 9.x keeps events, alerts, blocks and lists; files of this process when absent.');

const ingestSchema = z.strictObject({
  principal: principal.describe('Kafka user of the shipper: it writes fleetwall.ingest.<principal>.'),
  format: z
    .enum(['fleetwall', 'beats'])
    .describe('fleetwall: events of a collector; beats: JSON of Winlogbeat or Filebeat.'),
  agent: text.max(200).describe("Agent id that its events are stamped with; a collector's own id."),
  tenant: text.default('default').describe('Tenant that its events are stamped with.'),
  hosts: z
    .array(text)
    .min(1)
    .refine((hosts) => isUnique(hosts.map((host) => host.toLowerCase())), 'expected each host once')
    .describe(
      'Hosts it speaks for: with one, all its events are stamped with it; with more, the record names which of them, in any case.',
    ),
  zone: zone.default('UTC').describe('Time zone of log lines whose stamps name none (beats).'),
});

export type IngestSource = z.infer<typeof ingestSchema>;

export const gatewaySchema = z.strictObject({
  host: text.optional().describe('Address that collectors connect to; all of this machine when absent.'),
  port: z.int().min(0).max(65_535).default(8687).describe('Port that collectors connect to; 0: any free one.'),
  tls: z
    .strictObject({
      certFile: text.optional().describe('Certificate (PEM); the gateway makes its own when absent.'),
      keyFile: text.optional().describe('Its key (PEM).'),
    })
    .prefault({}),
  credentialsFile: text
    .optional()
    .describe('Collectors and the hashes of their tokens; credentials.yml in FLEETWALL_HOME when absent.'),
  maxConnections: z.int().min(1).max(100_000).default(20_000).describe('Most collectors connected at once.'),
  ingest: z
    .array(ingestSchema)
    .default([])
    .refine((sources) => isUnique(sources.map(({ principal }) => principal)), 'expected each principal once')
    .describe('Shippers that write to Kafka themselves.'),
});

export const uplinkSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^wss:\/\//, 'expected wss://host:port')
      .describe('The gateway, wss://host:8687.'),
    token: text.optional().describe('Token of this collector; better in a file or a variable.'),
    tokenFile: text.optional().describe('File with the token.'),
    pins: z
      .array(text)
      .default([])
      .describe("Fingerprints of the gateway's key (sha256/…), as it prints them at its start."),
    caFile: text.optional().describe("Certificates that sign the gateway's (PEM); those of the system when absent."),
    proxy: z.url().optional().describe('HTTP proxy on the way to the gateway.'),
    events: z
      .enum(['gateway', 'kafka'])
      .default('gateway')
      .describe('kafka: events go straight to the brokers of `kafka`, into fleetwall.ingest.<principal>.'),
    principal: principal.optional().describe('Name of that topic; the user of `kafka.sasl` when absent.'),
  })
  .describe('The way to a centre on other machines.');

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
