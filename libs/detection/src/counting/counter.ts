import type { AlertChange } from '@fleetwall/core';
import { detectionError } from '../errors.js';
import { createAttemptWindows, createValueWindows, type ValuedAttempt, type WindowStats } from '../windows/index.js';
import { KeyHash } from '../windows/key-hash.js';
import type { StoredAlert } from './alert-book.js';
import { HostTable } from './host-table.js';
import { LatestTimes } from './latest-times.js';
import type { Observation } from './observation.js';
import { PersonHasher } from './person-hash.js';
import type { CountingPlan } from './plan.js';
import { type Forgiveness, type ForgivenessStats, MAX_AHEAD_MS, RuleCounter } from './rule-counter.js';

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
  version: 1;
  nowMs: number;
  changeVersion: number;
  hosts: readonly string[];
  rules: { name: string; config: string; alerts: StoredAlert[]; knownGood: [number, number][] }[];
}

/** A piece of a snapshot: the state as JSON first, then the windows of each rule. */
export interface SnapshotPart {
  name: string;
  bytes: Buffer;
}

const STATE = 'state';
/** An observation leads to a change or two of each of its rules; its offset has room for all, and time passing uses the rest. */
const VERSIONS_PER_OFFSET = 1_000;
const MINUTE_MS = 60_000;
export const DEFAULT_FORGIVENESS: Forgiveness = { failures: 2, withinMs: 10 * MINUTE_MS };

/** The stateful half of correlation: observations in, alert changes out. One instance owns every key it is given. */
export class Counter {
  readonly #counters = new Map<string, RuleCounter>();
  readonly #hosts = new HostTable();
  readonly #persons: PersonHasher;
  #nowMs = 0;
  #changeVersion = 0;
  #changes: AlertChange[] = [];

  constructor(options: CounterOptions) {
    const seed = [options.seed[0], options.seed[1]] as const;
    this.#persons = new PersonHasher(options.seed[2]);
    const maxBytes = Math.floor(options.maxBytes / Math.max(1, options.plans.length));
    const failures = new Map<string, LatestTimes>();
    const hash = new KeyHash(seed);
    for (const plan of options.plans) {
      const { threshold, windowMs, latenessMs, field } = plan;
      const windowOptions = { threshold, windowMs, latenessMs, maxBytes, seed };
      const grouping = plan.groupBy.join();
      failures.set(grouping, failures.get(grouping) ?? new LatestTimes());
      const counter = new RuleCounter({
        plan,
        hosts: this.#hosts,
        persons: this.#persons,
        forgiveness: options.forgiveness ?? DEFAULT_FORGIVENESS,
        failures: failures.get(grouping) as LatestTimes,
        windows:
          field === undefined ? createAttemptWindows(windowOptions, hash) : createValueWindows(windowOptions, hash),
        nextVersion: () => ++this.#changeVersion,
      });
      this.#counters.set(plan.name, counter);
    }
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
    for (const name of observation.rules) {
      const counter = this.#counters.get(name);
      if (!counter) continue;
      if (attempt) counter.count(observation, attempt, this.#nowMs);
      else if (observation.step === 'clear') counter.clear(observation, person, this.#nowMs);
      else counter.follow(observation, this.#nowMs);
      this.#collect(counter);
    }
  }

  /** Lets time pass: episodes end, alerts that grew are told of. `nowMs` by the centre's clock. */
  tick(nowMs: number): void {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    for (const counter of this.#counters.values()) {
      counter.expire(this.#nowMs);
      this.#collect(counter);
    }
  }

  /** Tells of everything that grew, at the end of a replay. */
  flush(): void {
    for (const counter of this.#counters.values()) {
      counter.book.flush(this.#nowMs, true);
      this.#collect(counter);
    }
  }

  takeChanges(): AlertChange[] {
    const changes = this.#changes;
    if (changes.length > 0) this.#changes = [];
    return changes;
  }

  stats(): Record<string, RuleStats> {
    return Object.fromEntries(
      [...this.#counters].map(([name, { windows, stats, book }]) => [
        name,
        { ...windows.stats(), ...stats, openAlerts: book.size },
      ]),
    );
  }

  /** Told whenever attempts are forgiven; for reports. */
  onForgiven(listener: NonNullable<RuleCounter['onForgiven']>): void {
    for (const counter of this.#counters.values()) counter.onForgiven = listener;
  }

  *snapshot(): Iterable<SnapshotPart> {
    const state: SnapshotState = {
      version: 1,
      nowMs: this.#nowMs,
      changeVersion: this.#changeVersion,
      hosts: this.#hosts.names(),
      rules: [...this.#counters.values()].map((counter) => ({
        name: counter.plan.name,
        config: configOf(counter.plan),
        alerts: counter.book.snapshot(),
        knownGood: counter.knownGood.entries(),
      })),
    };
    yield { name: STATE, bytes: Buffer.from(JSON.stringify(state)) };
    for (const [name, { windows }] of this.#counters) {
      for (const bytes of windows.snapshot()) yield { name, bytes };
    }
  }

  /**
   * Takes over a snapshot into a fresh counter. Rules whose counting changed since, and new ones, start empty; those
   * that stayed keep their counts. Throws when a part is damaged; the counter is then to be thrown away.
   */
  restore(parts: readonly SnapshotPart[]): { restored: string[]; fresh: string[] } {
    const state = stateOf(parts);
    for (const name of state.hosts) this.#hosts.indexOf(name);
    this.#nowMs = state.nowMs;
    this.#changeVersion = state.changeVersion;
    const restored: string[] = [];
    for (const rule of state.rules) {
      const counter = this.#counters.get(rule.name);
      if (!counter || configOf(counter.plan) !== rule.config) continue;
      counter.windows.restore(parts.filter((part) => part.name === rule.name).map((part) => part.bytes));
      counter.restore(rule.alerts, rule.knownGood, state.nowMs);
      restored.push(rule.name);
    }
    return { restored, fresh: [...this.#counters.keys()].filter((name) => !restored.includes(name)) };
  }

  #attemptOf({ attemptId: id, timeMs, host }: Observation, who: number): ValuedAttempt {
    return { id, timeMs, host: this.#hosts.indexOf(host), who, value: '' };
  }

  /** 0 when the observation does not say who it was. */
  #personOf({ tenant, address, account }: Observation): number {
    return address === undefined || account === undefined ? 0 : this.#persons.hash(tenant, address, account);
  }

  #collect(counter: RuleCounter): void {
    if (counter.book.hasChanges) this.#changes.push(...counter.book.takeChanges());
  }
}

/** Two plans with the same text count alike, so that windows of the one serve the other. */
function configOf({ groupBy, counts, field, threshold, windowMs, latenessMs, followedBy }: CountingPlan): string {
  return JSON.stringify([groupBy, counts, field ?? null, threshold, windowMs, latenessMs, followedBy ?? null]);
}

function stateOf(parts: readonly SnapshotPart[]): SnapshotState {
  const part = parts.find(({ name }) => name === STATE);
  if (!part) throw detectionError('COUNTER_SNAPSHOT_FOREIGN', { reason: 'its state is missing' });
  const state = JSON.parse(part.bytes.toString('utf8')) as SnapshotState;
  if (state.version !== 1) throw detectionError('COUNTER_SNAPSHOT_FOREIGN', { reason: `version ${state.version}` });
  return state;
}
