import type { Block, BlockReason } from '@fleetwall/core';
import { isoText } from '../iso-text.js';
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

/** Why a block was made, as it is kept: hosts by number, times in milliseconds since 1970 UTC. */
type Why = [rule: string, hosts: number[], evidence: [host: number, timeMs: number, file: number, offset: number][]];

/** A block as it is kept. */
type Kept = [
  target: string,
  scope: string,
  prevented: number,
  periods: [offence: number, atMs: number, untilMs: number, state: string, ports: ReportedBlock['ports']][],
  why: Why,
];

/** No line is known. */
const NOWHERE = -1;

/** What became of every block. Those that nobody needs to remember for escalation any more go on the shelf. */
export class BlockLedger {
  /** Attempts that a block in force at that moment would have prevented, in all and by target. */
  prevented = 0;
  readonly #preventedBy = new Map<string, number>();
  readonly #forgotten = new Shelf<Kept>();
  readonly #whys = new Shelf<Why>();
  /** Of blocks that were stripped, the number on the shelf. */
  readonly #whyOf = new WeakMap<Block, number>();
  readonly #places: EvidenceIndex;
  readonly #hosts: string[] = [];
  readonly #hostNumbers = new Map<string, number>();

  constructor(places: EvidenceIndex) {
    this.#places = places;
  }

  notePrevented(target: string): void {
    this.prevented++;
    this.#preventedBy.set(target, (this.#preventedBy.get(target) ?? 0) + 1);
  }

  /** Puts aside why an expired block was made, which is most of it: until it is forgotten, counting needs the rest alone. */
  strip(block: Block): void {
    if (this.#whyOf.has(block)) return;
    this.#whyOf.set(block, this.#whys.add(this.#whyNow(block)));
    for (const reason of block.reasons) {
      if (reason.type === 'alert') Object.assign(reason, { evidence: [], hosts: [], summary: '' });
    }
  }

  forget(block: Block): void {
    const kept = this.#kept(block);
    if (kept !== undefined) this.#forgotten.add(kept);
    this.#preventedBy.delete(block.target);
  }

  /** One entry for each time a target was blocked: those forgotten first, then those of the book. */
  *blocks(book: Iterable<Block>): Generator<PlacedBlock> {
    for (const kept of this.#forgotten.values()) yield* this.#placed(kept);
    for (const block of book) {
      const kept = this.#kept(block);
      if (kept !== undefined) yield* this.#placed(kept);
    }
  }

  /** Undefined of what was never in force. */
  #kept(block: Block): Kept | undefined {
    if (block.state === 'held') return undefined;
    const earlier = block.state === 'active' || block.state === 'dry-run' ? block.history : block.history.slice(0, -1);
    const periods = [...earlier, { atMs: block.atMs, untilMs: block.untilMs, state: block.state, ports: block.ports }]
      .filter(({ state }) => state !== 'withdrawn' && state !== 'lifted')
      .map(({ atMs, untilMs, state, ports = 'all' as const }, i): Kept[3][number] => [
        i + 1,
        atMs,
        untilMs,
        state,
        ports,
      ]);
    if (periods.length === 0) return undefined;
    const prevented = this.#preventedBy.get(block.target) ?? 0;
    const shelved = this.#whyOf.get(block);
    const why = shelved === undefined ? this.#whyNow(block) : this.#whys.get(shelved);
    return [block.target, block.scope.type, prevented, periods, why];
  }

  #whyNow({ reasons }: Block): Why {
    const reason = reasons.find((candidate): candidate is AlertReason => candidate.type === 'alert');
    const told = new Set(reasons.flatMap((r) => (r.type === 'alert' ? r.hosts : [])));
    const evidence = (reason?.evidence ?? []).map(({ host, timeMs, attemptId }): Why[2][number] => {
      const place = this.#places.get(attemptId);
      return [this.#numberOf(host), timeMs, place?.file ?? NOWHERE, place?.offset ?? 0];
    });
    return [reason?.rule ?? '', [...told].map((host) => this.#numberOf(host)), evidence];
  }

  #placed([target, scope, prevented, periods, [rule, hosts, evidence]]: Kept): PlacedBlock[] {
    return periods.map(([offence, atMs, untilMs, state, ports], i) => ({
      target,
      rule,
      scope,
      ports,
      at: isoText(atMs),
      until: isoText(untilMs),
      offence,
      state,
      prevented: i === 0 ? prevented : 0,
      hosts: hosts.map((host) => this.#hosts[host] ?? ''),
      evidence: evidence.map(([host, timeMs, file, offset]) => ({
        host: this.#hosts[host] ?? '',
        time: isoText(timeMs),
        place: file === NOWHERE ? undefined : { file, offset },
      })),
    }));
  }

  #numberOf(host: string): number {
    let number = this.#hostNumbers.get(host);
    if (number === undefined) {
      number = this.#hosts.push(host) - 1;
      this.#hostNumbers.set(host, number);
    }
    return number;
  }
}
