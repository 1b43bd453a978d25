import { Assembler } from '@fleetwall/assembly';
import { type AlertChange, type Block, countedAs, type FleetEvent } from '@fleetwall/core';
import { Counter, isLogonSuccess, Matcher, Observer, planCorrelations, type RuleSet } from '@fleetwall/detection';
import { Decider, type Policy } from '@fleetwall/response';
import { LineParser, UnparsedCounts } from '@fleetwall/sources';
import { EventOrder, type OrderedEvent } from './event-order.js';
import { EvidenceIndex } from './evidence-index.js';
import type { LogFile } from './log-file.js';

export interface ReplayOptions {
  rules: RuleSet;
  policies: readonly Policy[];
  /** Time zone of stamps that name none. */
  zone: string;
  /** Year of the first line of each file, where stamps name none; absent: the year that ends with the file's own time. */
  fromYear?: number;
  onProgress?: (readBytes: number, totalBytes: number) => void;
}

/** The last state of an alert, with all the contributors that were ever told and not cleared. */
export interface FinalAlert extends Omit<AlertChange, 'contributors'> {
  contributors: Set<string>;
}

export interface ReplayResult {
  lines: number;
  events: number;
  /** Attempts to log on that failed, each counted once. */
  failures: number;
  alerts: FinalAlert[];
  withdrawn: FinalAlert[];
  blocks: Block[];
  /** Attempts that a block in force at that moment would have prevented, in all and by target. */
  prevented: Map<string, number>;
  /** Who was forgiven: address to the accounts. */
  forgiven: Map<string, Set<string>>;
  /** Lines that gave no event, by reason and program. */
  unparsed: Map<string, number>;
  late: number;
  places: EvidenceIndex;
  firstMs: number;
  lastMs: number;
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
  readonly #options: ReplayOptions;
  readonly #alerts = new Map<string, FinalAlert>();
  readonly #unparsed = new UnparsedCounts();
  readonly #result: ReplayResult;
  #nowMs = 0;
  #tickedMs = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    const plans = planCorrelations(options.rules.correlations);
    this.#matcher = new Matcher(options.rules.rules);
    this.#observer = new Observer(plans);
    this.#counter = new Counter({ plans, seed: SEED, maxBytes: 1 << 30 });
    this.#decider = new Decider({ policies: options.policies, exemptions: () => [] });
    this.#result = {
      lines: 0,
      events: 0,
      failures: 0,
      alerts: [],
      withdrawn: [],
      blocks: [],
      prevented: new Map(),
      forgiven: new Map(),
      unparsed: new Map(),
      late: 0,
      places: new EvidenceIndex(),
      firstMs: Number.POSITIVE_INFINITY,
      lastMs: Number.NEGATIVE_INFINITY,
    };
    this.#counter.onForgiven(({ address, account }) => {
      const { forgiven } = this.#result;
      if (address === undefined || account === undefined) return;
      const accounts = forgiven.get(address);
      if (accounts) accounts.add(account);
      else if (forgiven.size < MAX_FORGIVEN) forgiven.set(address, new Set([account]));
    });
  }

  /** Reads the files side by side, always on where time is least far, so that one hour of disorder is enough. */
  async run(files: readonly LogFile[]): Promise<ReplayResult> {
    const streams = files.map((file, index) => new ReplayStream(file, index, this.#options));
    let open = [...streams];
    while (open.length > 0) {
      const stream = open.reduce((least, other) => (other.newestMs < least.newestMs ? other : least));
      const items = await stream.next(this.#result, this.#unparsed);
      if (items === undefined) open = open.filter((other) => other !== stream);
      else for (const item of items) if (this.#matters(item.event)) this.#order.add(item);
      const watermarkMs = Math.min(...open.map(({ newestMs }) => newestMs));
      for (const second of this.#order.take(watermarkMs)) this.#process(second);
      this.#report(files);
    }
    return this.#finish();
  }

  /** Most lines tell nothing that is counted: they need no place in the order. */
  #matters(event: FleetEvent): boolean {
    return Assembler.concerns(event) || isLogonSuccess(event) || this.#matcher.match(event).length > 0;
  }

  #process(second: readonly OrderedEvent[]): void {
    for (const { event, file, offset } of second) {
      const timeMs = event['@timestamp'];
      this.#assembler.assemble(event);
      this.#noteFailure(event, file, offset);
      const matched = this.#matcher.match(event);
      if (matched.length === 0 && !isLogonSuccess(event)) continue;
      for (const observation of this.#observer.observe(event, matched, 'default')) this.#counter.count(observation);
      this.#decide(timeMs);
    }
    const last = second.at(-1)?.event['@timestamp'] ?? 0;
    this.#nowMs = Math.max(this.#nowMs, last);
    if (this.#decider.book.isDue(this.#nowMs)) this.#decider.tick(this.#nowMs);
    if (this.#nowMs - this.#tickedMs < TICK_MS) return;
    this.#tickedMs = this.#nowMs;
    this.#counter.tick(this.#nowMs);
    this.#decide(this.#nowMs);
  }

  #decide(nowMs: number): void {
    for (const change of this.#counter.takeChanges()) {
      this.#fold(change);
      this.#decider.onAlert(change, nowMs);
    }
  }

  /** Counts an attempt once, remembers its best line, and whether a block would have prevented it. */
  #noteFailure(event: FleetEvent, file: number, offset: number): void {
    const id = event['fleetwall.attempt.id'];
    if (id === undefined || event['event.outcome'] !== 'failure') return;
    const isNew = this.#result.places.set(id, file, offset, event['fleetwall.attempt.role'] === 'attempt');
    if (!isNew) return;
    this.#result.failures += event['fleetwall.attempt.ids']?.length ?? 1;
    const address = event['source.ip'];
    if (address === undefined) return;
    const block = this.#decider.book.covering(countedAs(address), event['@timestamp']);
    if (!block) return;
    this.#result.prevented.set(block.target, (this.#result.prevented.get(block.target) ?? 0) + 1);
  }

  #fold(change: AlertChange): void {
    const contributors = this.#alerts.get(change.id)?.contributors ?? new Set<string>();
    for (const { value } of change.contributors) contributors.add(value);
    for (const value of change.cleared) contributors.delete(value);
    this.#alerts.set(change.id, { ...change, contributors });
  }

  #finish(): ReplayResult {
    this.#counter.flush();
    this.#decide(this.#nowMs);
    this.#decider.tick(this.#nowMs);
    const result = this.#result;
    for (const alert of this.#alerts.values())
      (alert.state === 'withdrawn' ? result.withdrawn : result.alerts).push(alert);
    result.blocks = [...this.#decider.book.all()];
    result.late = this.#order.late;
    result.unparsed = this.#unparsed.totals();
    return result;
  }

  #report(files: readonly LogFile[]): void {
    const sum = (pick: (file: LogFile) => number) => files.reduce((total, file) => total + pick(file), 0);
    this.#options.onProgress?.(
      sum((file) => file.readBytes),
      sum((file) => file.sizeBytes),
    );
  }
}

/** One file on its way through the parser. */
class ReplayStream {
  readonly #chunks: AsyncGenerator<{ lines: string[]; offsets: number[] }>;
  readonly #parser: LineParser;
  readonly #index: number;
  readonly #latestMs: number;
  newestMs = Number.NEGATIVE_INFINITY;

  constructor(file: LogFile, index: number, { zone, fromYear }: ReplayOptions) {
    this.#chunks = file.chunks();
    this.#index = index;
    this.#latestMs = fromYear === undefined ? file.modifiedMs + 86_400_000 : Number.POSITIVE_INFINITY;
    const year = fromYear === undefined ? { nowMs: () => file.modifiedMs } : { from: fromYear };
    this.#parser = new LineParser({ zone, year, defaultHost: 'localhost' });
  }

  /** The events of the next chunk, or undefined at the end. A stamp beyond the file's own time does not move the clock. */
  async next(result: ReplayResult, unparsed: UnparsedCounts): Promise<OrderedEvent[] | undefined> {
    const { value: chunk, done } = await this.#chunks.next();
    if (done) return undefined;
    const items: OrderedEvent[] = [];
    const { lines, offsets } = chunk;
    for (let i = 0; i < lines.length; i++) {
      const parsed = this.#parser.parse(lines[i] as string);
      if (!('event.module' in parsed)) {
        unparsed.add(parsed);
        continue;
      }
      const timeMs = parsed['@timestamp'];
      if (timeMs > this.#latestMs) parsed['@timestamp'] = this.newestMs > 0 ? this.newestMs : this.#latestMs;
      else if (timeMs > this.newestMs) this.newestMs = timeMs;
      if (timeMs < result.firstMs) result.firstMs = timeMs;
      items.push({ event: parsed, file: this.#index, offset: offsets[i] as number });
    }
    result.lines += lines.length;
    result.events += items.length;
    if (this.newestMs > result.lastMs) result.lastMs = this.newestMs;
    return items;
  }
}
