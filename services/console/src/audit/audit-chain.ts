import type { Clock } from '@fleetwall/core';
import {
  type AuditLog,
  type AuditRecord,
  type ChainedAct,
  hashOfAct,
  NO_HASH,
  type NumberedRecord,
} from './audit-log.js';

/** What the check found; `broken` is the number of the first record that is not as its chain says. */
export interface ChainState {
  checkedMs: number;
  /** Records in chains. */
  chained: number;
  /** Records of others: what the response service answered to requests. */
  unchained: number;
  broken?: number;
}

type Link = Pick<ChainedAct, 'hash' | 'previous'>;

/**
 * Whether the audit log is as it was written: every record has the hash that its words make, and follows the one that its
 * writer wrote before. Goes on where it was the last time; the first time of a process it reads all.
 *
 * What it cannot see: the newest records of a writer that stopped, cut off; and a log that somebody wrote anew from some
 * record to its end, hashes and all.
 */
export class AuditChain {
  #next = 0;
  #state: Omit<ChainState, 'checkedMs'> = { chained: 0, unchained: 0 };
  #last = new Map<string, Link>();
  #checking: Promise<ChainState> | undefined;

  constructor(
    private readonly log: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Those who ask meanwhile get the same answer. */
  check(): Promise<ChainState> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<ChainState> {
    const { start, end } = await this.log.span();
    // Retention took what would have come next.
    if (start > this.#next) this.#begin(start);
    const isWhole = start === 0;
    for await (const one of this.log.scan({ start: this.#next, end })) this.#take(one, isWhole);
    this.#next = Math.max(this.#next, end);
    return { checkedMs: this.clock(), ...this.#state };
  }

  #begin(at: number): void {
    this.#next = at;
    this.#last = new Map();
    this.#state = { chained: 0, unchained: 0 };
  }

  #take({ number, record }: NumberedRecord, isWhole: boolean): void {
    this.#next = number + 1;
    if (!isChained(record)) {
      this.#state.unchained++;
      return;
    }
    this.#state.chained++;
    const { hash, previous, ...act } = record;
    const last = this.#last.get(record.writer);
    const isLinked = last ? follows(previous, last) : !isWhole || previous === NO_HASH;
    if (!isLinked || hash !== hashOfAct(previous, act)) this.#state.broken ??= number;
    this.#last.set(record.writer, { hash, previous });
  }
}

/** A writer that was told that its record failed, though it is there, writes the next one beside it. */
function follows(previous: string, last: Link): boolean {
  return previous === last.hash || previous === last.previous;
}

function isChained(record: AuditRecord): record is ChainedAct {
  return record.type === 'act' && 'hash' in record;
}
