import { Assembler, type NameMask } from '@fleetwall/assembly';
import { type AlertChange, type Block, countedAs, type FleetEvent } from '@fleetwall/core';
import { Counter, isLogonSuccess, Matcher, Observer, planRules, type RuleSet } from '@fleetwall/detection';
import { Decider, hasRunOut, type Policy } from '@fleetwall/response';
import { type Outline, type Source, UnparsedCounts } from '@fleetwall/sources';
import type { NamedProxies } from '../trusted-proxies.js';
import { AlertLedger, type ReportedAlert } from './alert-ledger.js';
import { BlockLedger, type PlacedBlock } from './block-ledger.js';
import { EventOrder, type OrderedEvent } from './event-order.js';
import { EvidenceIndex } from './evidence-index.js';
import { Lanes } from './lanes.js';
import { mayMatch } from './may-match.js';
import { ObservedAttempts } from './observed-attempts.js';
import type { SkippedFile } from './open-files.js';
import type { ReplayFile } from './replay-file.js';
import type { Use } from './replay-stream.js';
import { WindowsFile } from './windows-file.js';

export interface ReplayOptions {
  rules: RuleSet;
  policies: readonly Policy[];
  /** Time zone of stamps that name none. */
  zone: string;
  /** Year of the first line of each file, where stamps name none; absent: the year that ends with the file's own time. */
  fromYear?: number;
  /** Log sources of the operator's own. */
  sources?: readonly Source[];
  /** Masks names as the service does; absent: they are shown as they stand in the files. */
  names?: NameMask;
  /** Whose word about their clients is believed, and who is never blocked. */
  proxies?: NamedProxies;
  onProgress?: (readBytes: number, totalBytes: number) => void;
}

export interface ReplayResult {
  lines: number;
  events: number;
  /** Attempts to log on that failed, each counted once. */
  failures: number;
  alerts: () => Iterable<ReportedAlert>;
  withdrawn: () => Iterable<ReportedAlert>;
  blocks: () => Iterable<PlacedBlock>;
  /** Blocks as they stand at the end, those that are still remembered. */
  book: () => Iterable<Block>;
  /** Attempts that a block in force at that moment would have prevented. */
  prevented: number;
  /** Who was forgiven: address to the accounts. */
  forgiven: Map<string, Set<string>>;
  /** Lines that gave no event, by reason and program. */
  unparsed: Map<string, number>;
  late: number;
  firstMs: number;
  lastMs: number;
  files: ReadFile[];
  /** Files below a named directory that were not read. */
  skipped?: readonly SkippedFile[];
}

/** What a file was, and what was in it. */
export interface ReadFile {
  path: string;
  kind: string;
  /** Lines, or records of Windows' event log. */
  lines: number;
  events: number;
  /** Lines whose writer is known; 0: nobody here knows this log. */
  known: number;
  /** Damage of an EVTX or XML file, by reason. */
  damage?: Record<string, number>;
}

const MAX_FORGIVEN = 10_000;
/** How often time passing is told to the windows, by the clock of the events. */
const TICK_MS = 300_000;
/** Nothing is decided by chance in a replay: the same files give the same report. */
const SEED = [0x5eed0001, 0x5eed0002, 0x5eed0003] as const;

/** The pipeline over existing logs, by the clock of the events: read, parse, order, assemble, match, count, decide. */
export class ReplayEngine {
  readonly #assembler = new Assembler({ maxConnections: 10_000 });
  readonly #matcher: Matcher;
  readonly #observer: Observer;
  readonly #counter: Counter;
  readonly #decider: Decider;
  readonly #order = new EventOrder();
  readonly #observed: ObservedAttempts;
  readonly #options: ReplayOptions;
  readonly #places = new EvidenceIndex();
  readonly #alerts = new AlertLedger();
  readonly #blocks = new BlockLedger(this.#places);
  readonly #totals = {
    lines: 0,
    events: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    unparsed: new UnparsedCounts(),
  };
  #lanes: Lanes | undefined;
  readonly #forgiven = new Map<string, Set<string>>();
  /** Records that wait for an address, and where they stand. */
  readonly #held = new Map<FleetEvent, OrderedEvent>();
  #failures = 0;
  #nowMs = 0;
  #tickedMs = 0;
  #decidesAtMs = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    const plans = planRules(options.rules);
    this.#matcher = new Matcher(options.rules.rules);
    this.#observer = new Observer(plans);
    this.#observed = new ObservedAttempts(plans);
    const onChange = (change: AlertChange) => this.#decide(change);
    this.#counter = new Counter({ plans, seed: SEED, maxBytes: 1 << 30, onChange });
    this.#decider = new Decider({ policies: options.policies, exemptions: () => options.proxies?.exemptions ?? [] });
    this.#counter.onForgiven(({ address, account }) => {
      const forgiven = this.#forgiven;
      if (address === undefined || account === undefined) return;
      const accounts = forgiven.get(address);
      if (accounts) accounts.add(account);
      else if (forgiven.size < MAX_FORGIVEN) forgiven.set(address, new Set([account]));
    });
  }

  /** Reads the files side by side, always on where time is least far, so that one hour of disorder is enough. */
  async run(files: readonly ReplayFile[]): Promise<ReplayResult> {
    const { zone, fromYear, sources: custom = [], proxies } = this.#options;
    const lanes = new Lanes(files, {
      zone,
      fromYear,
      custom,
      trustedProxies: proxies?.trustedProxies,
      useOf: (outline: Outline) => this.#useOf(outline),
      matters: (event: FleetEvent) => this.#matters(event),
      add: (item: OrderedEvent) => this.#order.add(item),
    });
    this.#lanes = lanes;
    await lanes.start();
    while (!lanes.isOver) {
      await lanes.next(this.#totals);
      for (const second of this.#order.take(lanes.watermarkMs)) this.#process(second);
      this.#report(files);
    }
    return this.#finish(files, lanes);
  }

  /** Most lines tell nothing that is counted: they need no place in the order. */
  #matters(event: FleetEvent): boolean {
    return Assembler.concerns(event) || isLogonSuccess(event) || this.#matcher.match(event).length > 0;
  }

  /** An event with such an outline is no attempt and no logon; but it may tell where an attempt came from. */
  #useOf(outline: Outline): Use {
    const { mayHaveSource, ...fields } = outline;
    const known = new Map(
      Object.entries({ ...fields, 'event.outcome': undefined, 'fleetwall.attempt.role': undefined }),
    );
    if (mayMatch(this.#options.rules.rules, known)) return 'read';
    return mayHaveSource ? 'keep' : 'count';
  }

  /** The event, or undefined of a kept line that nobody asks for. */
  #eventOf({ event, kept, timeMs, file }: OrderedEvent): FleetEvent | undefined {
    if (event !== undefined || kept === undefined || !this.#assembler.awaitsSource(timeMs)) return event;
    return (this.#lanes as Lanes).laneOf(file).readKept(kept, timeMs);
  }

  #process(second: readonly OrderedEvent[]): void {
    for (const item of second) {
      const event = this.#eventOf(item);
      if (event === undefined) continue;
      this.#options.names?.apply(event);
      if (event['event.module'] === 'windows') this.#takeRecord(event, item);
      else this.#count(this.#assembler.assemble(event), item);
    }
    const last = second.at(-1)?.timeMs ?? 0;
    this.#nowMs = Math.max(this.#nowMs, last);
    if (this.#held.size > 0) this.#countHeld(this.#assembler.release(this.#nowMs));
    if (this.#decider.book.isDue(this.#nowMs)) this.#decider.foldTick(this.#nowMs);
    if (this.#nowMs - this.#tickedMs < TICK_MS) return;
    this.#tickedMs = this.#nowMs;
    this.#decidesAtMs = this.#nowMs;
    this.#counter.tick(this.#nowMs);
    this.#takeChanges();
  }

  #takeChanges(): void {
    const { changed, forgotten } = this.#decider.book.lendChanges();
    for (const block of changed) if (hasRunOut(block)) this.#blocks.strip(block);
    for (const block of forgotten) this.#blocks.forget(block);
  }

  /** A record of Windows that names no address may wait for one that another record tells. */
  #takeRecord(event: FleetEvent, item: OrderedEvent): void {
    this.#held.set(event, item);
    this.#countHeld(this.#assembler.take(event));
  }

  #countHeld(events: readonly FleetEvent[]): void {
    for (const event of events) {
      const item = this.#held.get(event);
      this.#held.delete(event);
      if (item !== undefined) this.#count(event, item);
    }
  }

  #count(event: FleetEvent, { timeMs, file, offset }: OrderedEvent): void {
    this.#noteFailure(event, file, offset);
    const matched = this.#matcher.match(event);
    if (matched.length === 0 && !isLogonSuccess(event)) return;
    if (this.#observed.covers(event, matched)) return;
    this.#decidesAtMs = timeMs;
    for (const observation of this.#observer.observe(event, matched, 'default')) this.#counter.count(observation);
  }

  #decide(change: AlertChange): void {
    this.#alerts.fold(change);
    this.#decider.foldAlert(change, this.#decidesAtMs);
  }

  /** Counts an attempt once, remembers its best line, and whether a block would have prevented it. */
  #noteFailure(event: FleetEvent, file: number, offset: number): void {
    const id = event['fleetwall.attempt.id'];
    if (id === undefined || event['event.outcome'] !== 'failure') return;
    const isNew = this.#places.set(id, file, offset, event['fleetwall.attempt.role'] === 'attempt');
    if (!isNew) return;
    this.#failures += event['fleetwall.attempt.ids']?.length ?? 1;
    const address = event['source.ip'];
    if (address === undefined) return;
    const closes = ({ ports }: Block) => ports === undefined || event['network.application'] === 'http';
    const block = this.#decider.book.covering(countedAs(address), event['@timestamp'], closes);
    if (block) this.#blocks.notePrevented(block.target);
  }

  #finish(files: readonly ReplayFile[], lanes: Lanes): ReplayResult {
    this.#countHeld(this.#assembler.release(Number.POSITIVE_INFINITY));
    this.#decidesAtMs = this.#nowMs;
    this.#counter.flush();
    this.#decider.foldTick(this.#nowMs);
    this.#takeChanges();
    return {
      ...this.#totals,
      unparsed: this.#totals.unparsed.totals(),
      failures: this.#failures,
      alerts: () => this.#alerts.alerts(),
      withdrawn: () => this.#alerts.withdrawn(),
      blocks: () => this.#blocks.blocks(this.#decider.book.all()),
      book: () => this.#decider.book.all(),
      prevented: this.#blocks.prevented,
      forgiven: this.#forgiven,
      late: this.#order.late,
      files: files.map((file, index) => ({
        path: file.path,
        kind: file.kind,
        ...lanes.laneOf(index).counts,
        ...damageOf(file),
      })),
    };
  }

  #report(files: readonly ReplayFile[]): void {
    const sum = (pick: (file: ReplayFile) => number) => files.reduce((total, file) => total + pick(file), 0);
    this.#options.onProgress?.(
      sum((file) => file.readBytes),
      sum((file) => file.sizeBytes),
    );
  }
}

function damageOf(file: ReplayFile): Pick<ReadFile, 'damage'> {
  const isDamaged = file instanceof WindowsFile && file.damage.size > 0;
  return isDamaged ? { damage: Object.fromEntries(file.damage) } : {};
}
