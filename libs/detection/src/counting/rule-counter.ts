import type { AddOutcome, Attempt, AttemptWindows, ValuedAttempt, ValueWindows } from '../windows/index.js';
import { MAX_AHEAD_MS } from '../windows/limits.js';
import { type AlertBook, closeOver, type Origin } from './alert-book.js';
import { Followers } from './followers.js';
import type { HostTable } from './host-table.js';
import { KnownGood } from './known-good.js';
import type { LatestTimes } from './latest-times.js';
import type { Observation } from './observation.js';
import type { PersonHasher } from './person-hash.js';
import type { CountingPlan } from './plan.js';
import { type StoredStory, Stories, type StoryKey } from './stories.js';
import type { Forgiveness, Move, Place, Story, StoryFailure } from './story.js';

export interface RuleCounterOptions {
  /** What is counted and how. */
  plan: CountingPlan;
  persons: PersonHasher;
  hosts: HostTable;
  forgiveness: Forgiveness;
  /** When somebody failed, by group key; shared by all rules that group alike. */
  failures: LatestTimes;
  windows: AttemptWindows | ValueWindows;
}

/** Failures of a person on an account that this person has logged on to before are counted apart. */
const KNOWN = '\x1fknown';

/** In a snapshot. */
export interface StoredPersons {
  knownGood: [person: number, timeMs: number][];
  stories: readonly StoredStory[];
}

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
  readonly #stories: Stories;
  /** What may follow, for each of the alerts that ask for it. */
  readonly #followers = new Map<AlertBook, Followers>();
  readonly #failures: LatestTimes;
  readonly #persons: PersonHasher;
  readonly #hosts: HostTable;
  /** Known for good is known on that host alone, where the rule counts hosts. */
  readonly #perHost: boolean;
  readonly #perAddress: boolean;
  /** The group is the account, which a person says. */
  readonly #perAccount: boolean;

  constructor({ plan, persons, hosts, forgiveness, failures, windows }: RuleCounterOptions) {
    this.plan = plan;
    this.windows = windows;
    this.#failures = failures;
    this.#persons = persons;
    this.#hosts = hosts;
    this.#perHost = [plan.field, ...plan.groupBy].some((field) => field?.startsWith('host.'));
    this.#perAddress = plan.groupBy.includes('source.ip');
    this.#perAccount = plan.groupBy.join() === 'user.name';
    const { threshold, windowMs, latenessMs, field } = plan;
    this.#stories = new Stories({
      rules: { forgiveness, threshold, windowMs, countsValues: field !== undefined, perAddress: this.#perAddress },
      latenessMs,
      wasGood: (good, timeMs) => this.knownGood.has(good, timeMs),
      onSettled: (good, timeMs) => this.knownGood.add(good, timeMs),
    });
  }

  snapshot(): StoredPersons {
    return { knownGood: this.knownGood.entries(), stories: this.#stories.snapshot() };
  }

  /** Takes over what of a snapshot is neither the windows' nor the alerts'. */
  restore({ knownGood, stories }: StoredPersons, nowMs: number): void {
    for (const [person, timeMs] of knownGood) this.knownGood.add(person, timeMs);
    this.#stories.restore(stories);
    this.#failures.raise(nowMs + MAX_AHEAD_MS);
  }

  followersOf(book: AlertBook): Followers {
    const followers = this.#followers.get(book) ?? new Followers();
    this.#followers.set(book, followers);
    return followers;
  }

  expire(nowMs: number): void {
    closeOver(this.books, this.windows.expire(nowMs), nowMs);
    this.#stories.expire(nowMs);
    for (const [book, followers] of this.#followers)
      followers.expire(nowMs - this.plan.latenessMs, (key) => book.has(key));
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
    this.#failures.note(key, timeMs);
    const story = attempt.who === 0 ? undefined : this.#stories.get(this.#storyKeyOf(key, attempt.who));
    const place = story ? this.#placeIn(story, observation, { ...attempt }, nowMs) : this.#placeOf(attempt);
    if (place === 'known') this.stats.knownGood++;
    if (place === 'forgiven') return;
    const windowKey = place === 'known' ? key + KNOWN : key;
    this.#grow(observation, windowKey, attempt, this.windows.add(windowKey, attempt, nowMs), nowMs);
  }

  /**
   * A success: the same person's few failures just before were mistypes, and the address is known from now on. Most
   * successes follow no failure at all.
   */
  clear(observation: Observation, who: number, nowMs: number): void {
    if (who === 0) return;
    const { key, timeMs, host, attemptId: id } = observation;
    const storyKey = this.#storyKeyOf(key, who);
    const story = this.#stories.get(storyKey) ?? this.#stories.begin(this.#failuresOf(key, who, nowMs));
    const good = this.#goodOf(who, host);
    this.#move(observation, story.succeed({ timeMs, id, who, good }), nowMs);
    this.#stories.keep(storyKey, story, nowMs);
  }

  /** Only what came before the success and not long before it is followed by it, in whatever order they were told of. */
  follow(book: AlertBook, observation: Observation, nowMs: number): void {
    const { key, timeMs, account = '', host, application, attemptId } = observation;
    const contributor = { value: account, count: 1, firstMs: timeMs, lastMs: timeMs };
    const isWeb = application === 'http';
    const isNew = this.followersOf(book).add(key, { contributor, evidence: { attemptId, timeMs, host }, isWeb });
    if (isNew) this.#review(book, observation, nowMs);
  }

  /** Tells of what follows now, and takes back what no longer does. */
  #review(book: AlertBook, observation: Observation, nowMs: number): void {
    const { windows } = this;
    const { key } = observation;
    const followers = this.#followers.get(book)?.of(key) ?? [];
    if (followers.length === 0 || !('firedBy' in windows)) return;
    let follows = false;
    for (const follower of followers) {
      const { timeMs } = follower.evidence;
      const lastMs = windows.firedBy(key, timeMs);
      const isLate = lastMs === undefined || timeMs - lastMs > book.plan.thenWithinMs;
      if (!book.has(key) || isLate) follower.isTold = false;
      if (isLate) continue;
      follows = true;
      if (follower.isTold) continue;
      if (!book.has(key)) book.open(originOf(observation, key, false), nowMs);
      book.contribute(key, follower, nowMs);
      follower.isTold = true;
    }
    if (!follows) book.close(key, 'withdrawn', nowMs);
  }

  #reviewAll(observation: Observation, nowMs: number): void {
    for (const book of this.#followers.keys()) this.#review(book, observation, nowMs);
  }

  /** Without a success that somebody could still be waiting for. */
  #placeOf({ who, timeMs, host }: ValuedAttempt): Place {
    if (who === 0) return 'counted';
    return this.knownGood.has(this.#goodOf(who, this.#hosts.nameOf(host)), timeMs) ? 'known' : 'counted';
  }

  /** Where a failure belongs beside successes; what it changes of others is moved. */
  #placeIn(story: Story, observation: Observation, attempt: ValuedAttempt, nowMs: number): Place {
    const known = story.placeOf(attempt.id);
    if (known !== undefined) return known;
    if (nowMs - attempt.timeMs > this.plan.latenessMs) return 'counted';
    const { place, moves } = story.fail(attempt, this.#goodOf(attempt.who, observation.host));
    this.#move(observation, moves, nowMs);
    this.#stories.keep(this.#storyKeyOf(observation.key, attempt.who), story, nowMs);
    if (place === 'forgiven') this.#forgiven(observation, [attempt]);
    return place;
  }

  /** Those that go make room first, so that nothing fires that should not. */
  #move(observation: Observation, moves: readonly Move[], nowMs: number): void {
    const { key } = observation;
    for (const { attempt, from } of moves) {
      if (from !== 'forgiven') this.#retract(observation, from === 'known' ? key + KNOWN : key, attempt, nowMs);
    }
    for (const { attempt, to } of moves) {
      if (to === 'forgiven') continue;
      const windowKey = to === 'known' ? key + KNOWN : key;
      this.#grow(observation, windowKey, attempt, this.windows.readmit(windowKey, attempt, nowMs), nowMs);
    }
    this.#forgiven(
      observation,
      moves.filter(({ to }) => to === 'forgiven').map(({ attempt }) => attempt),
    );
  }

  #grow(observation: Observation, windowKey: string, attempt: ValuedAttempt, outcome: AddOutcome, nowMs: number): void {
    if (outcome !== 'fired' && outcome !== 'grew') return;
    const isKnown = windowKey !== observation.key;
    const origin = originOf(observation, windowKey, isKnown);
    for (const book of this.books) {
      if (book.plan.followedBy !== undefined) continue;
      if (outcome === 'grew' && book.has(windowKey)) book.grow(origin, attempt, nowMs);
      else book.open(origin, nowMs);
    }
    if (!isKnown) this.#reviewAll(observation, nowMs);
  }

  #retract(observation: Observation, windowKey: string, { who, timeMs }: Attempt, nowMs: number): void {
    const retraction = this.windows.retract(windowKey, who, timeMs, timeMs, nowMs);
    if (retraction.removed.length === 0) return;
    if (retraction.withdrawn) {
      for (const book of this.books) book.close(windowKey, 'withdrawn', nowMs);
      return;
    }
    const cleared = 'cleared' in retraction ? (retraction.cleared as string[]) : [];
    for (const book of this.books) book.clear(windowKey, cleared, nowMs);
    if (windowKey === observation.key) this.#reviewAll(observation, nowMs);
  }

  #forgiven(observation: Observation, attempts: readonly Attempt[]): void {
    if (attempts.length === 0) return;
    this.stats.forgiven += attempts.length;
    this.onForgiven?.(observation, attempts);
  }

  /** What is counted already, for the first success that has a say in it. */
  #failuresOf(key: string, who: number, nowMs: number): StoryFailure[] {
    const { latenessMs, windowMs } = this.plan;
    if (this.#failures.of(key) < nowMs - 2 * (latenessMs + windowMs)) return [];
    const whose = this.#perAddress ? undefined : who;
    const factsOf = (windowKey: string, known: boolean) =>
      this.windows.attempts(windowKey, whose).map((held): StoryFailure => {
        const attempt = { value: '', ...held };
        const good = this.#goodOf(held.who, this.#hosts.nameOf(held.host));
        return { type: 'failure', timeMs: held.timeMs, attempt, good, known };
      });
    return [...factsOf(key, false), ...factsOf(key + KNOWN, true)];
  }

  /** Whether an address guesses shows in what all do there; on one account everybody is judged alone. */
  #storyKeyOf(key: string, who: number): StoryKey {
    if (this.#perAddress) return key;
    return this.#perAccount ? who : `${key}\x1f${who}`;
  }

  #goodOf(who: number, host: string): number {
    return this.#perHost ? this.#persons.onHost(who, host) : who;
  }
}

function originOf(observation: Observation, windowKey: string, knownGood: boolean): Origin {
  const { fields, tenant, evidence, history = false } = observation;
  return { windowKey, fields, tenant, evidenceClass: evidence, knownGood, history };
}
