import type { AlertChange } from '@fleetwall/core';
import { detectionError } from '../errors.js';
import { createAttemptWindows, createValueWindows, type ValuedAttempt, type WindowStats } from '../windows/index.js';
import { KeyHash } from '../windows/key-hash.js';
import { AlertBook, type StoredAlert } from './alert-book.js';
import type { StoredFollowers } from './followers.js';
import { HostTable } from './host-table.js';
import { LatestTimes } from './latest-times.js';
import type { Observation } from './observation.js';
import { PersonHasher } from './person-hash.js';
import type { CountingPlan } from './plan.js';
import { type ForgivenessStats, MAX_AHEAD_MS, RuleCounter, type StoredPersons } from './rule-counter.js';
import type { Forgiveness } from './story.js';

export interface CounterOptions {
  plans: readonly CountingPlan[];
  /** Three secret 32-bit numbers of this installation. */
  seed: readonly [number, number, number];
  /** For all rules together. */
  maxBytes: number;
  forgiveness?: Forgiveness;
}

/** What counting one rule has come to. */
export type RuleStats = WindowStats & ForgivenessStats & { openAlerts: number };

/** The snapshot but for the windows' own bytes. */
interface SnapshotState {
  version: 3;
  nowMs: number;
  changeVersion: number;
  hosts: readonly string[];
  rules: { name: string; config: string; alerts: StoredAlert[]; followers: StoredFollowers[] }[];
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
export const DEFAULT_FORGIVENESS: Forgiveness = { failures: 2, withinMs: 10 * MINUTE_MS };

/** Where a rule is counted, and its alerts. */
interface CountedRule {
  counter: RuleCounter;
  book: AlertBook;
}

/** The stateful half of correlation: observations in, alert changes out. One instance owns every key it is given. */
export class Counter {
  readonly #rules = new Map<string, CountedRule>();
  /** One for all rules that count alike, by {@link countingOf}. */
  readonly #counters: ReadonlyMap<string, RuleCounter>;
  readonly #hosts = new HostTable();
  readonly #persons: PersonHasher;
  #nowMs = 0;
  #changeVersion = 0;
  #changes: AlertChange[] = [];
  #served = 0;

  constructor(options: CounterOptions) {
    this.#persons = new PersonHasher(options.seed[2]);
    this.#counters = this.#countersOf(options);
    for (const plan of options.plans) {
      const counter = this.#counters.get(countingOf(plan)) as RuleCounter;
      const book = new AlertBook(plan, this.#hosts, counter.windows, () => ++this.#changeVersion);
      counter.books.push(book);
      this.#rules.set(plan.name, { counter, book });
    }
  }

  /** One for all plans that count alike, by {@link countingOf}. */
  #countersOf({ plans, seed, maxBytes, forgiveness = DEFAULT_FORGIVENESS }: CounterOptions): Map<string, RuleCounter> {
    const different = new Map(plans.map((plan) => [countingOf(plan), plan]));
    const failures = new Map(plans.map(({ groupBy }) => [groupBy.join(), new LatestTimes()]));
    const keySeed = [seed[0], seed[1]] as const;
    const hash = new KeyHash(keySeed);
    const counters = new Map<string, RuleCounter>();
    for (const [counting, plan] of different) {
      const { groupBy, threshold, windowMs, latenessMs, field } = plan;
      const room = Math.floor(maxBytes / different.size);
      const options = { threshold, windowMs, latenessMs, maxBytes: room, seed: keySeed };
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
    const person = this.#personOf(observation);
    const attempt = observation.step === 'count' ? this.#attemptOf(observation, person) : undefined;
    this.#served += 1;
    for (const name of observation.rules) {
      const rule = this.#rules.get(name);
      if (!rule) continue;
      const { counter, book } = rule;
      if (observation.step === 'then') {
        counter.follow(book, observation, this.#nowMs);
      } else if (counter.served !== this.#served) {
        counter.served = this.#served;
        if (attempt) counter.count(observation, attempt, this.#nowMs);
        else counter.clear(observation, person, this.#nowMs);
      }
    }
    this.#collect();
  }

  /** Lets time pass: episodes end, alerts that grew are told of. `nowMs` by the centre's clock. */
  tick(nowMs: number): void {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    for (const counter of this.#counters.values()) counter.expire(this.#nowMs);
    this.#collect();
  }

  /** Tells of everything that grew, at the end of a replay. */
  flush(): void {
    for (const { book } of this.#rules.values()) book.flush(this.#nowMs, true);
    this.#collect();
  }

  takeChanges(): AlertChange[] {
    const changes = this.#changes;
    if (changes.length > 0) this.#changes = [];
    return changes;
  }

  /** By rule; those that count alike have one set of windows, which each of them tells of. */
  stats(): Record<string, RuleStats> {
    return Object.fromEntries(
      [...this.#rules].map(([name, { counter, book }]) => [
        name,
        { ...counter.windows.stats(), ...counter.stats, openAlerts: book.size },
      ]),
    );
  }

  /** Told whenever attempts are forgiven; for reports. */
  onForgiven(listener: NonNullable<RuleCounter['onForgiven']>): void {
    for (const counter of this.#counters.values()) counter.onForgiven = listener;
  }

  *snapshot(): Iterable<SnapshotPart> {
    const state: SnapshotState = {
      version: 3,
      nowMs: this.#nowMs,
      changeVersion: this.#changeVersion,
      hosts: this.#hosts.names(),
      rules: [...this.#rules.values()].map(({ book, counter }) => ({
        name: book.plan.name,
        config: configOf(book.plan),
        alerts: book.snapshot(),
        followers: counter.followersOf(book).snapshot(),
      })),
      persons: Object.fromEntries([...this.#counters].map(([counting, counter]) => [counting, counter.snapshot()])),
    };
    yield { name: STATE, bytes: Buffer.from(JSON.stringify(state)) };
    for (const [counting, { windows }] of this.#counters) {
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
    for (const name of state.hosts) this.#hosts.indexOf(name);
    this.#nowMs = state.nowMs;
    this.#changeVersion = state.changeVersion;
    for (const [counting, counter] of this.#counters) {
      const chunks = parts.filter(({ name }) => name === counting).map(({ bytes }) => bytes);
      if (chunks.length === 0) continue;
      counter.windows.restore(chunks);
      counter.restore(state.persons[counting] ?? { knownGood: [], stories: [] }, state.nowMs);
    }
    const restored: string[] = [];
    for (const { name, config, alerts, followers } of state.rules) {
      const rule = this.#rules.get(name);
      if (rule === undefined || configOf(rule.book.plan) !== config) continue;
      rule.book.restore(alerts);
      rule.counter.followersOf(rule.book).restore(followers);
      restored.push(name);
    }
    return { restored, fresh: [...this.#rules.keys()].filter((name) => !restored.includes(name)) };
  }

  #attemptOf({ attemptId: id, timeMs, host }: Observation, who: number): ValuedAttempt {
    return { id, timeMs, host: this.#hosts.indexOf(host), who, value: '' };
  }

  /** 0 when the observation does not say who it was. What is told from afar makes nobody known to those who are sure. */
  #personOf({ tenant, address, account, evidence }: Observation): number {
    if (address === undefined || account === undefined) return 0;
    const where = evidence === 'handshake' ? tenant : `${tenant}\x1f${evidence}`;
    return this.#persons.hash(where, address, account);
  }

  #collect(): void {
    for (const { books } of this.#counters.values()) {
      for (const book of books) if (book.hasChanges) this.#changes.push(...book.takeChanges());
    }
  }
}

/** Plans with the same text count alike: one set of windows serves them all. */
function countingOf({ groupBy, counts, field, threshold, windowMs, latenessMs }: CountingPlan): string {
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
  if (state.version !== 3) throw detectionError('COUNTER_SNAPSHOT_FOREIGN', { reason: `version ${state.version}` });
  return state;
}
