import type { AlertChange } from '@fleetwall/core';
import { detectionError } from '../errors.js';
import { createAttemptWindows, createValueWindows, type ValuedAttempt, type WindowStats } from '../windows/index.js';
import { KeyHash } from '../windows/key-hash.js';
import { MAX_AHEAD_MS } from '../windows/limits.js';
import { AlertBook, type EpisodeSource, type StoredAlert } from './alert-book.js';
import { ChainCounter } from './chain-counter.js';
import type { StoredFollowers } from './followers.js';
import { HostTable } from './host-table.js';
import { LatestTimes } from './latest-times.js';
import { LoneRuleCounter } from './lone-rule-counter.js';
import type { MatchCounter } from './match-counter.js';
import type { Observation } from './observation.js';
import { PersonHasher } from './person-hash.js';
import type { CountingPlan } from './plan.js';
import { type ForgivenessStats, RuleCounter, type StoredPersons } from './rule-counter.js';
import type { Forgiveness } from './story.js';

export interface CounterOptions {
  plans: readonly CountingPlan[];
  /** Three secret 32-bit numbers of this installation. */
  seed: readonly [number, number, number];
  /** For all rules together. */
  maxBytes: number;
  forgiveness?: Forgiveness;
  /**
   * Told of every change at once, in place of {@link Counter.takeChanges}, for who has no use for many copies: the object is
   * the alert itself and goes on changing, its lists do not.
   */
  onChange?: (change: AlertChange) => void;
}

/** What counting one rule has come to. */
export type RuleStats = WindowStats & ForgivenessStats & { openAlerts: number };

/** The snapshot but for the windows' own bytes. */
interface SnapshotState {
  version: 3 | 4;
  nowMs: number;
  changeVersion: number;
  /** Version 3 has names only, all of them of other services than the web. */
  hosts: readonly (string | [name: string, isWeb: boolean])[];
  rules: { name: string; config: string; alerts: StoredAlert[]; followers?: StoredFollowers[] }[];
  /** By {@link countingOf}, as the windows' parts are named. */
  persons: Record<string, StoredPersons>;
}

/** A piece of a snapshot: the state as JSON first, then windows, under the name of the first rule they serve. */
export interface SnapshotPart {
  name: string;
  bytes: Buffer;
}

const STATE = 'state';
/** An observation leads to a change or two of each of its rules; its offset has room for all, and time passing uses the rest. */
const VERSIONS_PER_OFFSET = 1_000;
const MINUTE_MS = 60_000;
const LONE_RULES = 'lone rules';
const NOTHING_FORGIVEN: ForgivenessStats = { forgiven: 0, knownGood: 0 };
export const DEFAULT_FORGIVENESS: Forgiveness = { failures: 2, withinMs: 10 * MINUTE_MS };

/** Where a rule is counted, and its alerts. */
interface CountedRule {
  counter: RuleCounter;
  book: AlertBook;
}

/** The stateful half of correlation: observations in, alert changes out. One instance owns every key it is given. */
export class Counter {
  readonly #rules = new Map<string, CountedRule>();
  readonly #rulesByNames = new WeakMap<readonly string[], readonly CountedRule[]>();
  /** One for all rules that count alike, by {@link countingOf}. */
  readonly #counters: ReadonlyMap<string, RuleCounter>;
  /** The same for what counts matches: chains, and all plain rules that alert by themselves. */
  readonly #matchCounters: ReadonlyMap<string, MatchCounter>;
  readonly #matchRules = new Map<string, { counter: MatchCounter; book: AlertBook }>();
  readonly #hosts = new HostTable();
  readonly #persons: PersonHasher;
  #nowMs = 0;
  #changeVersion = 0;
  #changes: AlertChange[] = [];
  #served = 0;
  readonly #tellsAtOnce: boolean;

  constructor(options: CounterOptions) {
    this.#tellsAtOnce = options.onChange !== undefined;
    this.#persons = new PersonHasher(options.seed[2]);
    const { plans, maxBytes } = options;
    const matching = new Set(plans.filter(countsMatches).map(countingOf));
    const overAttempts = new Set(plans.map(countingOf)).size - matching.size;
    // Matches are few beside attempts: all that counts them has the room of one rule over attempts.
    const room = Math.floor(maxBytes / Math.max(1, overAttempts + Math.min(1, matching.size)));
    this.#counters = this.#countersOf(options, room);
    this.#matchCounters = matchCountersOf(plans, Math.floor(room / matching.size));
    for (const plan of plans) {
      const counting = countingOf(plan);
      const counter = this.#counters.get(counting);
      if (counter) {
        const book = this.#bookOf(plan, counter.windows, options);
        counter.books.push(book);
        this.#rules.set(plan.name, { counter, book });
        continue;
      }
      const matchCounter = this.#matchCounters.get(counting) as MatchCounter;
      const book = this.#bookOf(plan, matchCounter.source, options);
      matchCounter.add(book);
      this.#matchRules.set(plan.name, { counter: matchCounter, book });
    }
  }

  #bookOf(plan: CountingPlan, source: EpisodeSource, { onChange }: CounterOptions): AlertBook {
    return new AlertBook(plan, this.#hosts, source, () => ++this.#changeVersion, onChange);
  }

  /** One for all plans over attempts that count alike, by {@link countingOf}. */
  #countersOf(
    { plans, seed, forgiveness = DEFAULT_FORGIVENESS }: CounterOptions,
    room: number,
  ): Map<string, RuleCounter> {
    const overAttempts = plans.filter((plan) => !countsMatches(plan));
    const different = new Map(overAttempts.map((plan) => [countingOf(plan), plan]));
    const failures = new Map(overAttempts.map(({ groupBy }) => [groupBy.join(), new LatestTimes()]));
    const keySeed = [seed[0], seed[1]] as const;
    const hash = new KeyHash(keySeed);
    const counters = new Map<string, RuleCounter>();
    for (const [counting, plan] of different) {
      const { groupBy, threshold, windowMs, latenessMs, field } = plan;
      const isWeb = (host: number) => this.#hosts.isWeb(host);
      const options = { threshold, windowMs, latenessMs, maxBytes: room, seed: keySeed, isWeb };
      const windows = field === undefined ? createAttemptWindows(options, hash) : createValueWindows(options, hash);
      const shared = failures.get(groupBy.join()) as LatestTimes;
      const [persons, hosts] = [this.#persons, this.#hosts];
      counters.set(counting, new RuleCounter({ plan, persons, hosts, forgiveness, failures: shared, windows }));
    }
    return counters;
  }

  /**
   * Counts one observation. What it led to is in {@link takeChanges}. A rule that is unknown (removed since) counts nothing.
   *
   * @param offset of the observation's record: versions of alert changes are never below it, so that two instances
   *   which both believe to own a key are told apart by who read further
   */
  count(observation: Observation, offset = 0): void {
    this.#changeVersion = Math.max(this.#changeVersion, offset * VERSIONS_PER_OFFSET);
    if (observation.ingestedMs > this.#nowMs) this.#nowMs = observation.ingestedMs;
    if (observation.timeMs > observation.ingestedMs + MAX_AHEAD_MS) observation.timeMs = observation.ingestedMs;
    this.#served += 1;
    if (observation.step === 'match') this.#match(observation);
    else this.#countAttempt(observation);
  }

  #match(observation: Observation): void {
    for (const name of observation.rules) {
      const counter = this.#matchRules.get(name)?.counter;
      if (!counter || counter.served === this.#served) continue;
      counter.served = this.#served;
      counter.match(observation, this.#hosts.indexOf(observation.host), this.#nowMs);
    }
    // There may be thousands of rules that alert by themselves: only those of the observation are asked.
    for (const name of observation.rules) this.#collect(this.#matchRules.get(name)?.book);
  }

  #countAttempt(observation: Observation): void {
    const person = this.#personOf(observation);
    const attempt = observation.step === 'count' ? this.#attemptOf(observation, person) : undefined;
    for (const { counter, book } of this.#rulesOf(observation.rules)) {
      if (observation.step === 'then') {
        counter.follow(book, observation, this.#nowMs);
      } else if (counter.served !== this.#served) {
        counter.served = this.#served;
        if (attempt) counter.count(observation, attempt, this.#nowMs);
        else counter.clear(observation, person, this.#nowMs);
      }
    }
    this.#collectAttempts();
  }

  /** Lets time pass: episodes end, alerts that grew are told of. `nowMs` by the centre's clock. */
  tick(nowMs: number): void {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    for (const counter of this.#counters.values()) counter.expire(this.#nowMs);
    for (const counter of this.#matchCounters.values()) counter.expire(this.#nowMs);
    for (const book of this.#books()) this.#collect(book);
  }

  /** Tells of everything that grew, at the end of a replay. */
  flush(): void {
    for (const book of this.#books()) {
      book.flush(this.#nowMs, true);
      this.#collect(book);
    }
  }

  takeChanges(): AlertChange[] {
    const changes = this.#changes;
    if (changes.length > 0) this.#changes = [];
    return changes;
  }

  /**
   * By rule; those that count alike have one set of windows, which each of them tells of. Plain rules are told of
   * together: there may be thousands.
   */
  stats(): Record<string, RuleStats> {
    const overAttempts = [...this.#rules].map(([name, { counter, book }]): [string, RuleStats] => [
      name,
      { ...counter.windows.stats(), ...counter.stats, openAlerts: book.size },
    ]);
    const overMatches: Record<string, RuleStats> = {};
    for (const [name, { counter, book }] of this.#matchRules) {
      const key = book.plan.isLone ? LONE_RULES : name;
      const openAlerts = (overMatches[key]?.openAlerts ?? 0) + book.size;
      overMatches[key] = { ...(overMatches[key] ?? counter.windows.stats()), ...NOTHING_FORGIVEN, openAlerts };
    }
    return { ...Object.fromEntries(overAttempts), ...overMatches };
  }

  /** Told whenever attempts are forgiven; for reports. */
  onForgiven(listener: NonNullable<RuleCounter['onForgiven']>): void {
    for (const counter of this.#counters.values()) counter.onForgiven = listener;
  }

  *snapshot(): Iterable<SnapshotPart> {
    const state: SnapshotState = {
      version: 4,
      nowMs: this.#nowMs,
      changeVersion: this.#changeVersion,
      hosts: this.#hosts.entries(),
      rules: [...this.#books()].map((book) => ({
        name: book.plan.name,
        config: configOf(book.plan),
        alerts: book.snapshot(),
        followers: this.#rules.get(book.plan.name)?.counter.followersOf(book).snapshot(),
      })),
      persons: Object.fromEntries([...this.#counters].map(([counting, counter]) => [counting, counter.snapshot()])),
    };
    yield { name: STATE, bytes: Buffer.from(JSON.stringify(state)) };
    for (const [counting, { windows }] of [...this.#counters, ...this.#matchCounters]) {
      for (const bytes of windows.snapshot()) yield { name: counting, bytes };
    }
  }

  /**
   * Takes over a snapshot into a fresh counter. Rules whose counting changed since, and new ones, start empty (a new one
   * that counts like one which was there takes over its counts); those that stayed keep theirs. Throws when a part is
   * damaged; the counter is then to be thrown away.
   */
  restore(parts: readonly SnapshotPart[]): { restored: string[]; fresh: string[] } {
    const state = stateOf(parts);
    for (const host of state.hosts) {
      if (typeof host === 'string') this.#hosts.indexOf(host);
      else this.#hosts.indexOf(...host);
    }
    this.#nowMs = state.nowMs;
    this.#changeVersion = state.changeVersion;
    for (const [counting, counter] of this.#counters) {
      const chunks = parts.filter(({ name }) => name === counting).map(({ bytes }) => bytes);
      if (chunks.length === 0) continue;
      counter.windows.restore(chunks);
      counter.restore(state.persons[counting] ?? { knownGood: [], stories: [] }, state.nowMs);
    }
    for (const [counting, { windows }] of this.#matchCounters) {
      const chunks = parts.filter(({ name }) => name === counting).map(({ bytes }) => bytes);
      if (chunks.length > 0) windows.restore(chunks);
    }
    const restored: string[] = [];
    const books = new Map([...this.#books()].map((book) => [book.plan.name, book]));
    for (const { name, config, alerts, followers } of state.rules) {
      const book = books.get(name);
      if (book === undefined || configOf(book.plan) !== config) continue;
      book.restore(alerts);
      const counter = this.#rules.get(name)?.counter;
      if (counter && followers) counter.followersOf(book).restore(followers);
      restored.push(name);
    }
    return { restored, fresh: [...books.keys()].filter((name) => !restored.includes(name)) };
  }

  /** Observers and decoders give the same list for the same names again and again. */
  #rulesOf(names: readonly string[]): readonly CountedRule[] {
    let rules = this.#rulesByNames.get(names);
    if (rules === undefined) {
      rules = names.flatMap((name) => this.#rules.get(name) ?? []);
      this.#rulesByNames.set(names, rules);
    }
    return rules;
  }

  #attemptOf({ attemptId: id, timeMs, host, application }: Observation, who: number): ValuedAttempt {
    return { id, timeMs, host: this.#hosts.indexOf(host, application === 'http'), who, value: '' };
  }

  /** 0 when the observation does not say who it was. What is told from afar makes nobody known to those who are sure. */
  #personOf({ tenant, address, account, accountHash, evidence }: Observation): number {
    if (address === undefined || account === undefined) return 0;
    const where = evidence === 'handshake' ? tenant : `${tenant}\x1f${evidence}`;
    return this.#persons.hash(where, address, accountHash ?? account);
  }

  *#books(): Iterable<AlertBook> {
    for (const { book } of this.#rules.values()) yield book;
    for (const { book } of this.#matchRules.values()) yield book;
  }

  #collectAttempts(): void {
    if (this.#tellsAtOnce) return;
    for (const { books } of this.#counters.values()) for (const book of books) this.#collect(book);
  }

  #collect(book: AlertBook | undefined): void {
    if (book?.hasChanges) this.#changes.push(...book.takeChanges());
  }
}

function countsMatches({ chain, isLone }: CountingPlan): boolean {
  return chain !== undefined || isLone === true;
}

function matchCountersOf(plans: readonly CountingPlan[], room: number): Map<string, MatchCounter> {
  const different = new Map(plans.filter(countsMatches).map((plan) => [countingOf(plan), plan]));
  return new Map(
    [...different].map(([counting, { chain, latenessMs }]) => [
      counting,
      chain ? new ChainCounter(chain, latenessMs, room) : new LoneRuleCounter(room),
    ]),
  );
}

/** Plans with the same text count alike: one set of windows serves them all. */
function countingOf({ groupBy, counts, field, threshold, windowMs, latenessMs, chain, isLone }: CountingPlan): string {
  if (isLone) return LONE_RULES;
  if (chain) return JSON.stringify([chain, latenessMs]);
  return JSON.stringify([groupBy, counts, field ?? null, threshold, windowMs, latenessMs]);
}

/** A rule whose text changed does not go on with what it counted and told before. */
function configOf(plan: CountingPlan): string {
  return JSON.stringify([countingOf(plan), plan.followedBy ?? null]);
}

function stateOf(parts: readonly SnapshotPart[]): SnapshotState {
  const part = parts.find(({ name }) => name === STATE);
  if (!part) throw detectionError('COUNTER_SNAPSHOT_FOREIGN', { reason: 'its state is missing' });
  const state = JSON.parse(part.bytes.toString('utf8')) as SnapshotState;
  if (state.version !== 3 && state.version !== 4)
    throw detectionError('COUNTER_SNAPSHOT_FOREIGN', { reason: `version ${state.version}` });
  return state;
}
