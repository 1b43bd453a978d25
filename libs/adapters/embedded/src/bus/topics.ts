import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, coreError, type TopicSpec } from '@fleetwall/core';
import { type LogReport, nodeFiles, SegmentLog } from '../segment-log/index.js';
import { embeddedBusError } from './errors.js';

export interface TopicLogsOptions {
  directory: string;
  clock: Clock;
  segmentBytes: number;
  /** How long an empty record stays in a compacted topic. */
  keepEmptyMs: number;
  onReport: (report: LogReport & { topic: string; partition: number }) => void;
  /** Told of housekeeping that failed; it is tried again. */
  onError: (error: unknown) => void;
}

export interface Topic {
  spec: TopicSpec;
  /** By partition. */
  logs: SegmentLog[];
  /** Bytes of each partition after it was last compacted. */
  compactedBytes: number[];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** Compacted topics smaller than this are left as they are. */
const MIN_GARBAGE_BYTES = 1 << 20;

/**
 * The topics below a directory: `<name>/topic.json` with the specification and `<name>/<partition>/` with a segment log
 * each.
 */
export class Topics {
  private readonly topics = new Map<string, Topic>();

  private constructor(private readonly options: TopicLogsOptions) {}

  static async open(options: TopicLogsOptions): Promise<Topics> {
    const topics = new Topics(options);
    await mkdir(options.directory, { recursive: true });
    for (const entry of await readdir(options.directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const text = await readFile(join(options.directory, entry.name, 'topic.json'), 'utf8').catch(() => undefined);
      // Without it, the declaration never finished and nobody has published yet.
      if (text !== undefined) await topics.openTopic(parseSpec(text, entry.name));
    }
    return topics;
  }

  find(name: string): Topic | undefined {
    return this.topics.get(name);
  }

  /** Throws BUS_TOPIC_UNKNOWN. */
  get(name: string): Topic {
    const topic = this.find(name);
    if (!topic) throw coreError('BUS_TOPIC_UNKNOWN', { topic: name });
    return topic;
  }

  /** Creates the topic, or takes over changed retention. Throws BUS_TOPIC_MISMATCH, BUS_TOPIC_NAME_INVALID. */
  async declare(spec: TopicSpec): Promise<void> {
    if (!NAME.test(spec.name)) throw embeddedBusError('BUS_TOPIC_NAME_INVALID', { topic: spec.name });
    const existing = this.topics.get(spec.name);
    const actual = existing?.logs.length ?? spec.partitions;
    if (actual !== spec.partitions) {
      throw coreError('BUS_TOPIC_MISMATCH', { topic: spec.name, actual, expected: spec.partitions });
    }
    if (existing && specText(existing.spec) === specText(spec)) return;
    await this.saveSpec(spec);
    if (!existing) await this.openTopic(spec);
    else {
      existing.spec = spec;
      for (const log of existing.logs) log.setRetention(spec.retentionMs);
    }
  }

  /** Deletes what is past retention, and compacts partitions that have doubled since the last time. */
  async keepHouse(): Promise<void> {
    for (const { spec, logs, compactedBytes } of this.topics.values()) {
      for (const [partition, log] of logs.entries()) {
        try {
          await log.enforceRetention();
          const bytesBefore = compactedBytes[partition] as number;
          if (!spec.compacted || log.bytes < Math.max(2 * bytesBefore, MIN_GARBAGE_BYTES)) continue;
          compactedBytes[partition] = await log.compact(this.options.keepEmptyMs);
        } catch (error) {
          this.options.onError(error);
        }
      }
    }
  }

  /** Makes the derived topics durable: what a commit may speak of. */
  async syncDerived(): Promise<void> {
    const derived = [...this.topics.values()].filter(({ spec }) => spec.derived);
    await Promise.all(derived.flatMap(({ logs }) => logs.map((log) => log.sync())));
  }

  async close(): Promise<void> {
    await Promise.all([...this.topics.values()].flatMap((topic) => topic.logs.map((log) => log.close())));
  }

  private async openTopic(spec: TopicSpec): Promise<void> {
    const { directory, clock, segmentBytes, onReport } = this.options;
    const logs = await Promise.all(
      Array.from({ length: spec.partitions }, (_, partition) =>
        SegmentLog.open({
          directory: join(directory, spec.name, String(partition)),
          clock,
          segmentBytes,
          isLocked: true,
          syncLater: spec.derived ?? false,
          onReport: (report) => onReport({ ...report, topic: spec.name, partition }),
          ...(spec.retentionMs !== undefined && { retentionMs: spec.retentionMs }),
        }),
      ),
    );
    this.topics.set(spec.name, { spec, logs, compactedBytes: logs.map(() => 0) });
  }

  private async saveSpec(spec: TopicSpec): Promise<void> {
    const directory = join(this.options.directory, spec.name);
    await mkdir(directory, { recursive: true });
    const draft = join(directory, 'topic.json.tmp');
    const file = await open(draft, 'w');
    try {
      await file.writeFile(`${specText(spec)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(directory, 'topic.json'));
    await nodeFiles.syncDirectory(directory);
    await nodeFiles.syncDirectory(this.options.directory);
  }
}

function parseSpec(text: string, topic: string): TopicSpec {
  try {
    return JSON.parse(text) as TopicSpec;
  } catch (error) {
    throw embeddedBusError('BUS_TOPIC_DAMAGED', { topic }, { cause: error });
  }
}

function specText({ name, partitions, retentionMs, compacted }: TopicSpec): string {
  return JSON.stringify({ name, partitions, retentionMs, compacted });
}
