import { createHash, randomUUID } from 'node:crypto';
import { type Bus, type BusRecord, type Clock, type RequestOutcome, TOPICS } from '@fleetwall/core';

/** An act of a person or a program: a record of `fleetwall.audit`. */
export interface Act {
  type: 'act';
  atMs: number;
  who: string;
  tenant?: string;
  /** Address of the client, where it is known. */
  from?: string;
  /** Name of the operation. */
  what: string;
  about?: string;
  outcome: 'done' | 'refused' | 'failed';
  code?: string;
  before?: unknown;
  after?: unknown;
}

/** As it is written: each writer's records are a chain. */
export interface ChainedAct extends Act {
  writer: string;
  /** The hash before; of the first, 64 zeros. */
  previous: string;
  /** SHA-256 in hex of `previous`, a line feed, and the JSON of the act with its writer. */
  hash: string;
}

export type AuditRecord = Act | ChainedAct | RequestOutcome;

const NO_HASH = '0'.repeat(64);

/**
 * The audit log as the console writes it: append-only, one record after the other, each with the hash of the one before.
 * Every start of a process begins a chain, and says so as its first act.
 */
export class AuditLog {
  readonly #writer = randomUUID();
  #previous = NO_HASH;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Durable when it resolves. In the order of the calls. */
  record(act: Omit<Act, 'type' | 'atMs'>): Promise<void> {
    const written = this.#writing.then(() => this.#write({ type: 'act', atMs: this.clock(), ...act }));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Records before an offset, newest first, at most `limit`; `next` is the offset to go on at. */
  async page(before: number | undefined, limit: number): Promise<{ records: AuditRecord[]; next: number | undefined }> {
    const [range] = await this.bus.ranges(TOPICS.audit);
    const { partition = 0, low = 0, high = 0 } = range ?? {};
    const end = Math.min(before ?? high, high);
    const start = Math.max(low, end - limit);
    if (start >= end) return { records: [], next: undefined };
    const records = await this.#read(partition, start, end);
    return { records: records.reverse(), next: start > low ? start : undefined };
  }

  async #write(act: Act): Promise<void> {
    const linked = { ...act, writer: this.#writer };
    const hash = hashOfAct(this.#previous, linked);
    const chained: ChainedAct = { ...linked, previous: this.#previous, hash };
    await this.bus.publish(TOPICS.audit, [{ key: hash, value: Buffer.from(JSON.stringify(chained)) }]);
    this.#previous = hash;
  }

  /** Those from one offset up to another; some may be gone, so the end of the topic ends it too. */
  async #read(partition: number, start: number, end: number): Promise<AuditRecord[]> {
    const records: AuditRecord[] = [];
    const take = ({ offset, value, timestampMs }: BusRecord) => {
      if (offset < end) records.push(decoded(value, timestampMs));
      if (offset >= end - 1) reached();
    };
    let reached: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const from = new Map([[partition, start]]);
    const follower = await this.bus.follow({ topic: TOPICS.audit, from, onRecord: take });
    await Promise.race([passed, follower.caughtUp]).finally(() => follower.stop());
    return records;
  }
}

/** What cannot be read is shown as such: it must not hide the records around it. */
function decoded(value: Buffer, atMs: number): AuditRecord {
  try {
    return JSON.parse(value.toString('utf8')) as AuditRecord;
  } catch {
    return { type: 'act', atMs, who: 'unknown', what: 'a record that cannot be read', outcome: 'failed' };
  }
}

/** What the `hash` of an act has to be. */
export function hashOfAct(previous: string, act: Act & { writer: string }): string {
  return createHash('sha256')
    .update(`${previous}\n${JSON.stringify(act)}`)
    .digest('hex');
}
