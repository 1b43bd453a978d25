import type { Attempt, AttemptWindows, ValuedAttempt, ValueWindows } from '../windows/index.js';
import type { AlertBook, Origin } from './alert-book.js';
import { KnownGood } from './known-good.js';
import type { LatestTimes } from './latest-times.js';
import type { Observation } from './observation.js';
import type { PersonHasher } from './person-hash.js';
import type { CountingPlan } from './plan.js';

/** How mistypes are told from attacks: at most this many failures, at most so long before the success. */
export interface Forgiveness {
  failures: number;
  withinMs: number;
}

export interface RuleCounterOptions {
  /** What is counted and how. */
  plan: CountingPlan;
  persons: PersonHasher;
  forgiveness: Forgiveness;
  /** When somebody failed, by group key; shared by all rules that group alike. */
  failures: LatestTimes;
  windows: AttemptWindows | ValueWindows;
}

/** A clock of a sender may be ahead by so much; beyond it the centre's own time counts. */
export const MAX_AHEAD_MS = 5 * 60_000;

/** Failures of a person on an account that this person has logged on to before are counted apart. */
const KNOWN = '\x1fknown';

const NOTHING_STANDS = { own: 0, others: 0 };

export interface ForgivenessStats {
  forgiven: number;
  knownGood: number;
}

/**
 * Counts the observations of one correlation, or of several that count alike: a `temporal_ordered` one and the one it
 * follows have the same windows.
 */
export class RuleCounter {
  readonly plan: CountingPlan;
  /** The alerts of each correlation. */
  readonly books: AlertBook[] = [];
  /** The last observation that was counted, by number: several of its rules may lead here. */
  served = 0;
  readonly windows: AttemptWindows | ValueWindows;
  readonly knownGood = new KnownGood();
  readonly stats: ForgivenessStats = { forgiven: 0, knownGood: 0 };
  /** Observers of forgiveness, for reports: who was forgiven how many attempts. */
  onForgiven: ((observation: Observation, attempts: readonly Attempt[]) => void) | undefined;
  readonly #failures: LatestTimes;
  readonly #persons: PersonHasher;
  readonly #forgiveness: Forgiveness;
  /** Known for good is known on that host alone, where the rule counts hosts. */
  readonly #perHost: boolean;
  readonly #perAddress: boolean;

  constructor({ plan, persons, forgiveness, failures, windows }: RuleCounterOptions) {
    this.plan = plan;
    this.windows = windows;
    this.#failures = failures;
    this.#persons = persons;
    this.#forgiveness = forgiveness;
    this.#perHost = [plan.field, ...plan.groupBy].some((field) => field?.startsWith('host.'));
    this.#perAddress = plan.groupBy.includes('source.ip');
  }

  /** Takes over what of a snapshot is neither the windows' nor the alerts'. */
  restore(knownGood: Iterable<[person: number, timeMs: number]>, nowMs: number): void {
    for (const [person, timeMs] of knownGood) this.knownGood.add(person, timeMs);
    this.#failures.raise(nowMs + MAX_AHEAD_MS);
  }

  expire(nowMs: number): void {
    for (const { key } of this.windows.expire(nowMs)) {
      for (const book of this.books) book.close(key, 'over', nowMs);
    }
    for (const book of this.books) book.flush(nowMs);
  }

  /**
   * A missing counted value counts nothing.
   *
   * @param attempt of the observation, the same one for all its rules; its value is set here
   */
  count(observation: Observation, attempt: ValuedAttempt, nowMs: number): void {
    const { key, timeMs, values } = observation;
    const { field } = this.plan;
    if (field !== undefined) {
      const value = values?.[field];
      if (value === undefined) return;
      attempt.value = value;
    }
    const knownGood = attempt.who !== 0 && this.knownGood.has(this.#goodKeyOf(observation, attempt.who), nowMs);
    if (knownGood) this.stats.knownGood++;
    const windowKey = knownGood ? key + KNOWN : key;
    this.#failures.note(key, timeMs);
    const outcome = this.windows.add(windowKey, attempt, nowMs);
    if (outcome !== 'fired' && outcome !== 'grew') return;
    const origin = originOf(observation, windowKey, knownGood);
    for (const book of this.books) {
      if (book.plan.followedBy !== undefined) continue;
      if (outcome === 'grew' && book.has(windowKey)) book.grow(origin, attempt, nowMs);
      else book.open(origin, nowMs);
    }
  }

  /**
   * A success: the same person's few failures just before were mistypes, and the address is known from now on. Most
   * successes follow no failure at all.
   */
  clear(observation: Observation, person: number, nowMs: number): void {
    if (person === 0) return;
    const { key, timeMs } = observation;
    const goodKey = this.#goodKeyOf(observation, person);
    const fromMs = timeMs - this.#forgiveness.withinMs;
    const hasFailed = this.#failures.of(key) >= fromMs;
    const standing = hasFailed ? this.windows.standing(key, person, fromMs, timeMs) : NOTHING_STANDS;
    if (standing.own > 0 && standing.own <= this.#forgiveness.failures) {
      this.#retract(observation, key, person, fromMs, nowMs);
    }
    if (hasFailed && this.knownGood.has(goodKey, nowMs)) {
      this.#retract(observation, key + KNOWN, person, fromMs, nowMs);
    }
    const guessing = this.#perAddress && (standing.others > this.#forgiveness.failures || this.#inEpisode(observation));
    if (standing.own <= this.#forgiveness.failures && !guessing) this.knownGood.add(goodKey, timeMs);
  }

  #retract(observation: Observation, windowKey: string, person: number, fromMs: number, nowMs: number): void {
    const retraction = this.windows.retract(windowKey, person, fromMs, observation.timeMs, nowMs);
    if (retraction.removed.length === 0) return;
    this.stats.forgiven += retraction.removed.length;
    this.onForgiven?.(observation, retraction.removed);
    if (retraction.withdrawn) {
      for (const book of this.books) book.close(windowKey, 'withdrawn', nowMs);
      return;
    }
    const cleared = 'cleared' in retraction ? (retraction.cleared as string[]) : [];
    for (const book of this.books) book.clear(windowKey, cleared, nowMs);
  }

  /** Only what came before the success and not long before it is followed by it. */
  follow(book: AlertBook, observation: Observation, nowMs: number): void {
    const { key, timeMs, account = '', host, attemptId } = observation;
    const episode = this.windows.episode(key);
    if (!episode || timeMs < episode.firedMs || timeMs - episode.lastMs > book.plan.thenWithinMs) return;
    if (!book.has(key)) book.open(originOf(observation, key, false), nowMs);
    const contributor = { value: account, count: 1, firstMs: timeMs, lastMs: timeMs };
    book.contribute(key, contributor, { attemptId, timeMs, host }, nowMs);
  }

  #inEpisode(observation: Observation): boolean {
    return this.windows.progress(observation.key) !== undefined;
  }

  #goodKeyOf({ tenant, address = '', account = '', host }: Observation, person: number): number {
    return this.#perHost ? this.#persons.hashOnHost(tenant, address, account, host) : person;
  }
}

function originOf(observation: Observation, windowKey: string, knownGood: boolean): Origin {
  const { fields, tenant, evidence, history = false } = observation;
  return { windowKey, fields, tenant, evidenceClass: evidence, knownGood, history };
}
