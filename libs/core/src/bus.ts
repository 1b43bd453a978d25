/**
 * The log that carries everything between the services. Kafka's own words; Kafka in a cluster, a segment log on disk
 * standalone, arrays in tests. One event a record.
 */
export interface TopicSpec {
  name: string;
  /** Fixed at creation. */
  partitions: number;
  /** Records older than this may go (by append time); absent: kept for good. */
  retentionMs?: number;
  /**
   * Nothing may go sooner than `retentionMs` says: a topic that exists and keeps less is changed by `declare`, or refused
   * (BUS_RETENTION_TOO_SHORT) by an adapter whose topics are not its own to change.
   */
  isRetentionNeeded?: boolean;
  /** Only the last record of each key is kept (a zero-length value removes the key). */
  compacted?: boolean;
  /**
   * All of it follows from records of other topics whose groups have not committed yet. An adapter may then resolve
   * `publish` before the records are durable, if no commit of any group becomes durable before them: after a loss of
   * power they are made again.
   */
  derived?: boolean;
}

export interface OutRecord {
  /** Records with the same key go to the same partition, in order. */
  key: string;
  value: Buffer;
  headers?: Record<string, string>;
  /** Where it goes, whatever its key; one that does not exist is refused (BUS_PARTITION_UNKNOWN). */
  partition?: number;
}

export interface BusRecord extends OutRecord {
  topic: string;
  partition: number;
  /** Grows within a partition, not always by 1 (compaction, transactions). */
  offset: number;
  /** Append time, milliseconds since 1970 UTC. */
  timestampMs: number;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface Position extends TopicPartition {
  offset: number;
}

/** A partition handed to a consumer; `committed` is the next offset the group has not yet finished (0: none yet). */
export interface Assignment extends TopicPartition {
  committed: number;
}

export interface Batch extends TopicPartition {
  /** In offset order, at least one. */
  records: BusRecord[];
}

export interface ConsumeOptions {
  group: string;
  topics: string[];
  /** Most records in a batch; 500 when absent. */
  maxBatch?: number;
  /**
   * All partitions go to one member of the group; the others stand by, and one takes over when it leaves or dies. All
   * members of the group must say the same.
   */
  exclusive?: boolean;
  /**
   * Called before the first batch of newly assigned partitions. May answer with positions to start from instead of the
   * committed ones: earlier ones, to rebuild state by reading again what was already committed.
   */
  onAssigned?: (assignments: Assignment[]) => Promise<Position[] | undefined>;
  /** Called after the last batch of partitions that go to another member, before they are given up. */
  onRevoked?: (partitions: TopicPartition[]) => Promise<void>;
  /**
   * One batch at a time per partition. When it resolves, the offset after its last record is committed; when it throws,
   * the same records come again (at least once) after a pause that grows to 5 s.
   */
  onBatch: (batch: Batch) => Promise<void>;
  /** Told of every failed batch or broken connection; the subscription goes on. */
  onError?: (error: unknown) => void;
}

export interface Subscription {
  /** No new batches; those under way finish. */
  pause(): void;
  resume(): void;
  /** Finishes the batch under way, commits, leaves the group. Idempotent. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  topic: string;
  /** Only these; all when absent. */
  partitions?: number[];
  /** Offset to begin at, by partition; from the start where absent. */
  from?: Map<number, number>;
  onRecord: (record: BusRecord) => void | Promise<void>;
  onError?: (error: unknown) => void;
}

export interface Follower {
  /** Resolves when everything that was in the topic at the call of `follow` has been handed over. */
  caughtUp: Promise<void>;
  stop(): Promise<void>;
}

export interface PartitionRange extends TopicPartition {
  /** First offset still there. */
  low: number;
  /** Offset that the next record will get (or more). */
  high: number;
}

/** Port. Every adapter passes `busConformance` of the testkit. */
export interface Bus {
  /**
   * Creates what is missing. Refuses an existing topic with another partition count (BUS_TOPIC_MISMATCH), and one that
   * keeps too little (BUS_RETENTION_TOO_SHORT, see `TopicSpec.isRetentionNeeded`). Idempotent.
   */
  declare(topics: TopicSpec[]): Promise<void>;
  /**
   * Resolves when every record is durable (but see `TopicSpec.derived`), with positions in the order given. Rejects as a whole, though some of the
   * records may have been written (so consumers must be idempotent). Order per key is the order of calls.
   */
  publish(topic: string, records: OutRecord[]): Promise<Position[]>;
  consume(options: ConsumeOptions): Promise<Subscription>;
  /** Reads without a group, and goes on reading what comes. */
  follow(options: FollowOptions): Promise<Follower>;
  ranges(topic: string): Promise<PartitionRange[]>;
  /** By partition, the first offset whose append time is at or after `timeMs` (the high offset when there is none). */
  offsetsAt(topic: string, timeMs: number): Promise<Position[]>;
  /** Stops all subscriptions and followers, then lets go of files and connections. Idempotent. */
  close(): Promise<void>;
}
