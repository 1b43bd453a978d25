import type { ValuedAttempt } from '../windows/index.js';

/** How mistypes are told from attacks: at most this many failures, at most so long before the success. */
export interface Forgiveness {
  failures: number;
  withinMs: number;
}

/** What a story judges by. */
export interface StoryRules {
  forgiveness: Forgiveness;
  threshold: number;
  windowMs: number;
  /** Whether distinct values are counted, not attempts. */
  countsValues: boolean;
  /** Whether the key is an address, which may be attacking: then successes between its failures tell of guessing. */
  perAddress: boolean;
  /** Whether a success that no story holds any more excuses a failure of this person at this time. */
  wasGood: (good: number, timeMs: number) => boolean;
}

/** Where a failure is counted: with all others, apart (of one who has logged on there before), or not at all. */
export type Place = 'counted' | 'known' | 'forgiven';

export interface StoryFailure {
  type: 'failure';
  timeMs: number;
  attempt: ValuedAttempt;
  /** Whose success excuses it: the person, or the person on that host. */
  good: number;
  known: boolean;
  /** Time of the success that forgave it. */
  forgivenMs?: number;
}

export interface StorySuccess {
  type: 'success';
  timeMs: number;
  id: string;
  who: number;
  good: number;
  /** Excuses later failures of the same person. */
  clean: boolean;
}

export type Fact = StoryFailure | StorySuccess;

/** A failure that belongs elsewhere than it was before. */
export interface Move {
  attempt: ValuedAttempt;
  from: Place;
  to: Place;
}

const MAX_FACTS = 512;
/** Of many successes of one person, the first clean ones and the last ones are kept. */
const FIRST_SUCCESSES = 2;
const LAST_SUCCESSES = 4;
const MIN_THIN_AT = 8;

/**
 * Failures and successes under one key (of one person, where the key is no address), in event time whatever the order in
 * which they were delivered. Each fact is judged by those before it, so a late one has what follows it judged again:
 *
 * - A failure is *known* when a clean success of the same person came before it, at most 30 days.
 * - A success *guesses*, where the key is an address, when others than this person have failed there more often in the
 *   minutes before than mistypes explain, or when the failures up to then, this person's last ones aside, make the rule
 *   fire: who attacks and gets in has found a password.
 * - A success that does not guess forgives the same person's counted failures of the minutes before when they are no more
 *   than mistypes, and is *clean* then; it forgives the known ones among them anyway when the person was known by then.
 *
 * What counts as failed at that time is neither known nor forgiven by then. Facts of the same millisecond: failures
 * first, so that no success excuses what it cannot be shown to precede. Bounded: 512 facts; of many
 * successes of one person the first and the last ones.
 */
export class Story {
  readonly #rules: StoryRules;
  readonly #facts: Fact[];
  #thinAt = MIN_THIN_AT;

  /** @param failures as they are counted now */
  constructor(rules: StoryRules, facts: Fact[] = []) {
    this.#rules = rules;
    this.#facts = facts.sort(inOrder).slice(-MAX_FACTS);
  }

  get size(): number {
    return this.#facts.length;
  }

  get facts(): readonly Fact[] {
    return this.#facts;
  }

  /** Where the attempt is counted, when it was told of before. */
  placeOf(id: string): Place | undefined {
    const failure = this.#facts.find((fact) => fact.type === 'failure' && fact.attempt.id === id);
    return failure?.type === 'failure' ? placeOf(failure) : undefined;
  }

  /** A failure that was not told of before; answers what becomes of it, and what of others it changes. */
  fail(attempt: ValuedAttempt, good: number): { place: Place; moves: Move[] } {
    const failure: StoryFailure = { type: 'failure', timeMs: attempt.timeMs, attempt, good, known: false };
    const moves = this.#take(failure).filter((move) => move.attempt !== attempt);
    return { place: placeOf(failure), moves };
  }

  /** A success; one that is told of again changes nothing. */
  succeed(success: Omit<StorySuccess, 'type' | 'clean'>): Move[] {
    const { timeMs, id, who } = success;
    const isSame = (fact: Fact) =>
      fact.type === 'success' && fact.timeMs === timeMs && fact.id === id && fact.who === who;
    if (this.#facts.some(isSame)) return [];
    return this.#take({ type: 'success', ...success, clean: false });
  }

  /**
   * Drops what is older, and what is more than is kept; answers the clean successes among it, the oldest first. Without
   * a success left a story has nothing more to say.
   */
  trim(failuresFromMs: number, successesFromMs: number): { dropped: StorySuccess[]; isOver: boolean } {
    const facts = this.#facts;
    const isOld = (fact: Fact) => fact.timeMs < (fact.type === 'failure' ? failuresFromMs : successesFromMs);
    const dropped: Fact[] = facts.some(isOld) ? this.#drop(isOld) : [];
    if (facts.length >= this.#thinAt) {
      this.#drop(this.#isSurplus());
      this.#thinAt = Math.max(MIN_THIN_AT, facts.length * 2);
    }
    if (facts.length > MAX_FACTS) dropped.push(...facts.splice(0, facts.length - MAX_FACTS));
    return { dropped: dropped.filter(isClean), isOver: !facts.some(({ type }) => type === 'success') };
  }

  #take(fact: Fact): Move[] {
    const facts = this.#facts;
    let index = facts.length;
    while (index > 0 && inOrder(facts[index - 1] as Fact, fact) > 0) index -= 1;
    facts.splice(index, 0, fact);
    return this.#judgeFrom(index);
  }

  /** Judges what follows anew, in order: whatever was decided before stands, whatever was decided later is taken back. */
  #judgeFrom(index: number): Move[] {
    const facts = this.#facts;
    const fromMs = (facts[index] as Fact).timeMs;
    let from = index;
    while (from > 0 && (facts[from - 1] as Fact).timeMs === fromMs) from -= 1;
    let first = from;
    while (first > 0 && (facts[first - 1] as Fact).timeMs >= fromMs - this.#rules.forgiveness.withinMs) first -= 1;
    const before = new Map<StoryFailure, Place>();
    for (let index = first; index < facts.length; index++) {
      const fact = facts[index] as Fact;
      if (fact.type !== 'failure') continue;
      before.set(fact, placeOf(fact));
      if (fact.forgivenMs !== undefined && fact.forgivenMs >= fromMs) fact.forgivenMs = undefined;
    }
    for (let index = from; index < facts.length; index++) {
      const fact = facts[index] as Fact;
      if (fact.type === 'failure') fact.known = this.#isKnown(fact, index);
      else this.#judge(fact, index);
    }
    return [...before].flatMap(([failure, place]) => {
      const now = placeOf(failure);
      return now === place ? [] : [{ attempt: failure.attempt, from: place, to: now }];
    });
  }

  #isKnown({ good, timeMs }: Fact, index: number): boolean {
    for (let at = index - 1; at >= 0; at--) {
      const fact = this.#facts[at] as Fact;
      if (fact.type === 'success' && fact.clean && fact.good === good && fact.timeMs < timeMs) return true;
    }
    return this.#rules.wasGood(good, timeMs);
  }

  #judge(success: StorySuccess, index: number): void {
    const { failures: mistypes, withinMs } = this.#rules.forgiveness;
    const known = this.#isKnown(success, index);
    const own: StoryFailure[] = [];
    let others = 0;
    for (let at = index - 1; at >= 0 && (this.#facts[at] as Fact).timeMs >= success.timeMs - withinMs; at--) {
      const fact = this.#facts[at] as Fact;
      if (fact.type !== 'failure' || fact.forgivenMs !== undefined) continue;
      if (fact.attempt.who === success.who) own.push(fact);
      else if (!fact.known) others += 1;
    }
    const counted = own.filter((failure) => !failure.known);
    const guesses = this.#rules.perAddress && (others > mistypes || this.#fires(index, success, new Set(own)));
    success.clean = !guesses && counted.length <= mistypes;
    if (guesses) return;
    for (const failure of own) if (failure.known ? known : success.clean) failure.forgivenMs = success.timeMs;
  }

  /** Whether the failures before make the rule fire in a window that ended not longer than a window ago. */
  #fires(index: number, { timeMs }: StorySuccess, mistypes: ReadonlySet<Fact>): boolean {
    const { threshold, windowMs, countsValues } = this.#rules;
    const window: StoryFailure[] = [];
    for (const fact of this.#facts.slice(0, index)) {
      if (fact.type !== 'failure' || placeOf(fact) !== 'counted' || mistypes.has(fact)) continue;
      window.push(fact);
      while (fact.timeMs - (window[0] as Fact).timeMs > windowMs) window.shift();
      if (window.length < threshold || fact.timeMs < timeMs - windowMs) continue;
      if (!countsValues || new Set(window.map(({ attempt }) => attempt.value)).size >= threshold) return true;
    }
    return false;
  }

  #drop(goes: (fact: Fact) => boolean): Fact[] {
    const gone: Fact[] = [];
    const kept: Fact[] = [];
    for (const fact of this.#facts) (goes(fact) ? gone : kept).push(fact);
    this.#facts.splice(0, this.#facts.length, ...kept);
    return gone;
  }

  /** Successes in the middle of many of one person excuse and forgive nothing that the others do not. */
  #isSurplus(): (fact: Fact) => boolean {
    const byPerson = new Map<number, StorySuccess[]>();
    for (const fact of this.#facts) {
      if (fact.type !== 'success') continue;
      const own = byPerson.get(fact.good);
      if (own) own.push(fact);
      else byPerson.set(fact.good, [fact]);
    }
    const kept = new Set<Fact>();
    for (const own of byPerson.values()) {
      for (const one of [...own.filter(isClean).slice(0, FIRST_SUCCESSES), ...own.slice(-LAST_SUCCESSES)])
        kept.add(one);
    }
    return (fact) => fact.type === 'success' && !kept.has(fact);
  }
}

function isClean(fact: Fact): fact is StorySuccess {
  return fact.type === 'success' && fact.clean;
}

function placeOf({ known, forgivenMs }: StoryFailure): Place {
  if (forgivenMs !== undefined) return 'forgiven';
  return known ? 'known' : 'counted';
}

function inOrder(a: Fact, b: Fact): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.type !== b.type) return a.type === 'failure' ? -1 : 1;
  const [one, other] = [idOf(a), idOf(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function idOf(fact: Fact): string {
  return fact.type === 'failure' ? fact.attempt.id : fact.id;
}
