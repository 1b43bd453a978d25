import type { Contributor, Evidence } from '@fleetwall/core';

/** An event that may follow what a `temporal_ordered` correlation counts. */
export interface Follower {
  contributor: Contributor;
  evidence: Evidence;
  /** On a web application; absent in an older snapshot: not. */
  isWeb?: boolean;
  /** Whether the open alert tells of it. */
  isTold: boolean;
}

/** In a snapshot. */
export type StoredFollowers = [key: string, followers: Follower[]];

/** Of one key; of one account, the first and the latest. */
const MAX_PER_KEY = 16;
const MAX_PER_ACCOUNT = 4;
/** Of all keys together. */
const MAX_FOLLOWERS = 50_000;

/**
 * The second events of a `temporal_ordered` correlation, by group key, for as long as the first may arrive after them.
 * Bounded: the key that was heard of longest ago goes first.
 */
export class Followers {
  readonly #byKey = new Map<string, Follower[]>();
  #count = 0;

  of(key: string): readonly Follower[] {
    return this.#byKey.size === 0 ? NONE : (this.#byKey.get(key) ?? NONE);
  }

  /** Whether it was not told of before. */
  add(key: string, follower: Omit<Follower, 'isTold'>): boolean {
    const kept = this.#byKey.get(key) ?? [];
    const { contributor } = follower;
    const { attemptId, timeMs } = follower.evidence;
    if (kept.some((one) => one.evidence.attemptId === attemptId && one.evidence.timeMs === timeMs)) return false;
    this.#remove(key);
    const own = kept.filter((one) => one.contributor.value === contributor.value);
    const surplus = own.length >= MAX_PER_ACCOUNT ? own[1] : kept.length >= MAX_PER_KEY ? kept[1] : undefined;
    const followers = [...kept.filter((one) => one !== surplus), { ...follower, isTold: false }];
    followers.sort((a, b) => a.evidence.timeMs - b.evidence.timeMs);
    this.#put(key, followers);
    while (this.#count > MAX_FOLLOWERS) this.#remove(this.#byKey.keys().next().value as string);
    return true;
  }

  /** Drops keys that nothing was heard of since, from the oldest on, but for those with an open alert. */
  expire(fromMs: number, isOpen: (key: string) => boolean): void {
    for (const [key, followers] of this.#byKey) {
      if ((followers.at(-1)?.evidence.timeMs ?? 0) >= fromMs) return;
      if (!isOpen(key)) this.#remove(key);
    }
  }

  snapshot(): StoredFollowers[] {
    return [...this.#byKey];
  }

  restore(stored: readonly StoredFollowers[]): void {
    for (const [key, followers] of stored) this.#put(key, followers);
  }

  #put(key: string, followers: Follower[]): void {
    this.#byKey.set(key, followers);
    this.#count += followers.length;
  }

  #remove(key: string): void {
    this.#count -= this.#byKey.get(key)?.length ?? 0;
    this.#byKey.delete(key);
  }
}

const NONE: readonly Follower[] = [];
