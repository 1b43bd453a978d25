import kafkajs, { type Cluster, type Kafka, type KafkaConfig, type LogEntry, type RetryOptions } from 'kafkajs';
import { compress, uncompress } from 'snappy';

export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learnt from them. */
  brokers: string[];
  /** Seen in the brokers' logs and quotas. */
  clientId: string;
  /** TLS: true, or the options of node:tls (`ca`, `cert`, `key` …). */
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
  /** Opens the sockets, for brokers behind a proxy; plain TCP or TLS by `ssl` when absent. */
  socketFactory?: KafkaConfig['socketFactory'];
  /** Told what kafkajs logs as warnings and errors; nothing is written anywhere when absent. */
  onLog?: (entry: { level: 'warn' | 'error'; message: string }) => void;
}

/** For the first connection: whoever starts the service wants to know soon. */
export const SHORT_RETRY: RetryOptions = { initialRetryTime: 100, maxRetryTime: 500, retries: 2 };

/** Rides out a change of leader or a short restart: about 15 s in all, then the caller is told. */
export const RETRY: RetryOptions = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 11 };

/** How long kafkajs may take to let go of its connections, before they are cut. */
export const DISCONNECT_PATIENCE_MS = 15_000;

/** Each idempotent producer says so; the publisher knows, and never uses one again after a failed send. */
const SETTLED_WARNING = 'Limiting retries for the idempotent producer';

/** The header of snappy-java's framing, which Java clients write; then a version, a compatible version, and chunks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

/**
 * A client of its own. Consumers must not share one: kafkajs keeps committed offsets by client and group, and two
 * members of a group in one client erase each other's (kafkajs 2.2.4, src/index.js `OFFSETS`).
 */
export function createClient({ onLog, ...connection }: KafkaConnection, retry = RETRY): Kafka {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => SNAPPY;
  return new kafkajs.Kafka({
    ...connection,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      if (!entry.log.message.startsWith(SETTLED_WARNING)) onLog?.({ level: levelOf(entry), message: textOf(entry) });
    },
  });
}

/** Raw blocks are written, which every client reads; both raw blocks and Java's framing are read. */
const SNAPPY = {
  compress: (encoder: { buffer: Buffer }): Promise<Buffer> => compress(encoder.buffer),
  decompress: async (data: Buffer): Promise<Buffer> => {
    if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return asBuffer(await uncompress(data));
    const chunks: Buffer[] = [];
    for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
      const length = data.readInt32BE(at);
      chunks.push(asBuffer(await uncompress(data.subarray(at + 4, at + 4 + length))));
      at += 4 + length;
    }
    return Buffer.concat(chunks);
  },
};

function asBuffer(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : data;
}

function levelOf({ level }: LogEntry): 'warn' | 'error' {
  return level === kafkajs.logLevel.WARN ? 'warn' : 'error';
}

function textOf({ namespace, log }: LogEntry): string {
  const topic = typeof log['topic'] === 'string' ? ` (topic ${log['topic']})` : '';
  return `${namespace}: ${log.message}${topic}`;
}

/**
 * The connections of a client without a consumer: kafkajs has no `assign()`, so what reads without a group speaks to the
 * brokers through the `Cluster` that kafkajs hands to assigners. No group is joined.
 */
export function createCluster(client: Kafka): Cluster {
  let captured: Cluster | undefined;
  client.consumer({
    groupId: 'never-joined',
    readUncommitted: true,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster;
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  return captured as Cluster;
}
