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

/** A record with its place in the topic. */
export interface NumberedRecord {
  number: number;
  record: AuditRecord;
}

/** Of offsets: from the first one up to, and without, the other. */
export interface AuditSpan {
  start: number;
  end: number;
}

export const NO_HASH = '0'.repeat(64);

const CHUNK = 500;
/** A page goes through no more records than these. */
const MOST_READ = 20 * CHUNK;

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

  /** The records that are there, of these times only where they are given. */
  async span({ fromMs, toMs }: { fromMs?: number; toMs?: number } = {}): Promise<AuditSpan> {
    const [range] = await this.bus.ranges(TOPICS.audit);
    const { low = 0, high = 0 } = range ?? {};
    const at = async (timeMs: number) => (await this.bus.offsetsAt(TOPICS.audit, timeMs))[0]?.offset ?? high;
    const start = fromMs === undefined ? low : Math.max(low, await at(fromMs));
    return { start, end: toMs === undefined ? high : Math.min(high, await at(toMs)) };
  }

  /**
   * Records that are wanted, newest first, at most `limit`; `next` is the number to go on before. May be short, or empty,
   * while there is one.
   */
  async page({ start, end }: AuditSpan, isWanted: (record: AuditRecord) => boolean, limit: number) {
    const found: NumberedRecord[] = [];
    let before = end;
    while (before > start && found.length < limit && end - before < MOST_READ) {
      const from = Math.max(start, before - CHUNK);
      const wanted = (await this.read({ start: from, end: before })).filter(({ record }) => isWanted(record)).reverse();
      const taken = wanted.slice(0, limit - found.length);
      found.push(...taken);
      before = taken.length < wanted.length ? (taken.at(-1)?.number ?? from) : from;
    }
    return { found, next: before > start ? before : undefined };
  }

  /** Every record of a span, oldest first, a chunk at a time. */
  async *scan({ start, end }: AuditSpan): AsyncGenerator<NumberedRecord> {
    for (let from = start; from < end; from += CHUNK)
      yield* await this.read({ start: from, end: Math.min(end, from + CHUNK) });
  }

  /** Those of a span, oldest first; some may be gone, so the end of the topic ends it too. */
  async read({ start, end }: AuditSpan): Promise<NumberedRecord[]> {
    const records: NumberedRecord[] = [];
    const take = ({ offset, value, timestampMs }: BusRecord) => {
      if (offset < end) records.push({ number: offset, record: decoded(value, timestampMs) });
      if (offset >= end - 1) reached();
    };
    let reached: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const follower = await this.bus.follow({ topic: TOPICS.audit, from: new Map([[0, start]]), onRecord: take });
    await Promise.race([passed, follower.caughtUp]).finally(() => follower.stop());
    return records;
  }

  async #write(act: Act): Promise<void> {
    const linked = { ...act, writer: this.#writer };
    const hash = hashOfAct(this.#previous, linked);
    const chained: ChainedAct = { ...linked, previous: this.#previous, hash };
    await this.bus.publish(TOPICS.audit, [{ key: hash, value: Buffer.from(JSON.stringify(chained)) }]);
    this.#previous = hash;
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
