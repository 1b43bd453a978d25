import type { Clock, TopicPartition } from '@fleetwall/core';
import { SegmentLog } from '../segment-log/index.js';

const FLUSH_MS = 200;
const SEGMENT_BYTES = 1 << 20;
/** The log of commits is rewritten when it has grown by this much. */
const COMPACT_BYTES = 4 << 20;

/**
 * The committed offsets of all groups: a compacted segment log, one record per group and partition. Commits are written
 * within 200 ms, many at once, and after everything that the committed work led to is durable; a crash before that makes records come again, as at-least-once allows.
 */
export class Commits {
  private readonly offsets = new Map<string, number>();
  private readonly unwritten = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private compactAtBytes = COMPACT_BYTES;

  private constructor(
    private readonly log: SegmentLog,
    private readonly syncDerived: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  static async open(
    directory: string,
    clock: Clock,
    syncDerived: () => Promise<void>,
    onError: (error: unknown) => void,
  ): Promise<Commits> {
    const log = await SegmentLog.open({ directory, clock, segmentBytes: SEGMENT_BYTES, isLocked: true });
    const commits = new Commits(log, syncDerived, onError);
    for (let at = log.low; at < log.next; ) {
      const { records, nextOffset } = await log.read(at, 10_000);
      for (const { key, value } of records) commits.offsets.set(key, Number(value.toString()));
      at = nextOffset;
    }
    return commits;
  }

  /**
   * Takes back commits beyond the end of their partition, which lost its tail to damage: what comes there anew is new.
   * `endOf` answers undefined for a topic that is gone.
   */
  limit(endOf: (partition: TopicPartition) => number | undefined): void {
    for (const [key, offset] of this.offsets) {
      const [partition, topic] = key.split('/', 2) as [string, string];
      const end = endOf({ topic, partition: Number(partition) });
      if (end === undefined || offset <= end) continue;
      this.offsets.set(key, end);
      this.unwritten.add(key);
    }
  }

  /** The next offset that the group has not finished; 0 when it has none. */
  get(group: string, partition: TopicPartition): number {
    return this.offsets.get(keyOf(group, partition)) ?? 0;
  }

  /** Forward only: reading again what was committed, to rebuild state, does not undo the commit. */
  set(group: string, partition: TopicPartition, offset: number): void {
    const key = keyOf(group, partition);
    if (offset <= (this.offsets.get(key) ?? 0)) return;
    this.offsets.set(key, offset);
    this.unwritten.add(key);
    this.timer ??= setTimeout(() => this.flush().catch(this.onError), FLUSH_MS);
  }

  /** Makes every commit so far durable. Rejects with LOG_WRITE_FAILED; then it is tried again within 200 ms. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const keys = [...this.unwritten];
    const records = keys.map((key) => ({ key, value: Buffer.from(String(this.offsets.get(key))) }));
    this.unwritten.clear();
    try {
      await this.syncDerived();
      await this.log.append(records);
    } catch (error) {
      for (const key of keys) this.unwritten.add(key);
      this.timer ??= setTimeout(() => this.flush().catch(this.onError), FLUSH_MS);
      throw error;
    }
    if (this.log.bytes < this.compactAtBytes) return;
    this.compactAtBytes = Number.POSITIVE_INFINITY;
    this.log
      .compact(0)
      .catch(this.onError)
      .finally(() => {
        this.compactAtBytes = this.log.bytes + COMPACT_BYTES;
      });
  }

  async close(): Promise<void> {
    await this.flush().catch(this.onError);
    clearTimeout(this.timer);
    await this.log.close();
  }
}

/** Neither partitions nor names of topics have a slash; a group's may. */
function keyOf(group: string, { topic, partition }: TopicPartition): string {
  return `${partition}/${topic}/${group}`;
}
