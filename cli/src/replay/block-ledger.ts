import type { Block, BlockReason } from '@fleetwall/core';
import type { EvidenceIndex } from './evidence-index.js';
import { Shelf } from './shelf.js';

/** One time that a target was blocked; times ISO 8601 UTC. */
export interface ReportedBlock {
  target: string;
  rule: string;
  scope: string;
  ports: 'web' | 'all';
  at: string;
  until: string;
  offence: number;
  state: string;
  prevented: number;
  hosts: string[];
  evidence: { host: string; time: string; line: string }[];
}

/** The same with the places of the lines in place of the lines. */
export type PlacedBlock = Omit<ReportedBlock, 'evidence'> & {
  evidence: { host: string; time: string; place: Place | undefined }[];
};

/** Where a line stands: which file, and its offset in it. */
export interface Place {
  file: number;
  offset: number;
}

type AlertReason = Extract<BlockReason, { type: 'alert' }>;

/** What became of every block. Those that nobody needs to remember for escalation any more go on the shelf. */
export class BlockLedger {
  /** Attempts that a block in force at that moment would have prevented, in all and by target. */
  prevented = 0;
  readonly #preventedBy = new Map<string, number>();
  readonly #forgotten = new Shelf<PlacedBlock>();
  readonly #places: EvidenceIndex;

  constructor(places: EvidenceIndex) {
    this.#places = places;
  }

  notePrevented(target: string): void {
    this.prevented++;
    this.#preventedBy.set(target, (this.#preventedBy.get(target) ?? 0) + 1);
  }

  forget(block: Block): void {
    for (const placed of this.#placed(block)) this.#forgotten.add(placed);
    this.#preventedBy.delete(block.target);
  }

  /** Those forgotten first, then those of the book. */
  *blocks(book: Iterable<Block>): Generator<PlacedBlock> {
    yield* this.#forgotten.values();
    for (const block of book) yield* this.#placed(block);
  }

  /** One entry for each time the target was blocked. */
  #placed(block: Block): PlacedBlock[] {
    if (block.state === 'held') return [];
    const reason = block.reasons.find((candidate): candidate is AlertReason => candidate.type === 'alert');
    const earlier = block.state === 'active' || block.state === 'dry-run' ? block.history : block.history.slice(0, -1);
    const periods = [...earlier, { atMs: block.atMs, untilMs: block.untilMs, state: block.state, ports: block.ports }];
    const told = new Set(block.reasons.flatMap((r) => (r.type === 'alert' ? r.hosts : [])));
    const evidence = (reason?.evidence ?? []).map(({ host, timeMs, attemptId }) => ({
      host,
      time: iso(timeMs),
      place: this.#places.get(attemptId),
    }));
    return periods
      .filter(({ state }) => state !== 'withdrawn' && state !== 'lifted')
      .map(({ atMs, untilMs, state, ports = 'all' as const }, i) => ({
        target: block.target,
        rule: reason?.rule ?? '',
        scope: block.scope.type,
        ports,
        at: iso(atMs),
        until: iso(untilMs),
        offence: i + 1,
        state,
        prevented: i === 0 ? (this.#preventedBy.get(block.target) ?? 0) : 0,
        hosts: [...told],
        evidence,
      }));
  }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
