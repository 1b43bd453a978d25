import { MAX_AHEAD_MS } from '../windows/limits.js';
import { type Fact, Story, type StoryRules } from './story.js';

export interface StoriesOptions {
  rules: Omit<StoryRules, 'wasGood'>;
  latenessMs: number;
  wasGood: StoryRules['wasGood'];
  /** A clean success that no story holds any more; of one person the oldest first. */
  onSettled: (good: number, timeMs: number) => void;
}

/** A group key, or a person where that says the group key as well. */
export type StoryKey = string | number;

interface Kept {
  story: Story;
  /** Facts when it was kept. */
  size: number;
  /** By the ingest clock. */
  touchedMs: number;
}

/** In a snapshot. */
export type StoredStory = [key: StoryKey, touchedMs: number, facts: readonly Fact[]];

/** Of all stories together. */
const MAX_FACTS = 20_000;

/**
 * The stories of one counter, each for as long as one of its successes may still be preceded by a failure that arrives
 * late. Bounded: those that nothing was heard of for longest are settled as they stand.
 */
export class Stories {
  readonly #options: StoriesOptions;
  readonly #rules: StoryRules;
  /** In the order in which they were touched. */
  readonly #stories = new Map<StoryKey, Kept>();
  #facts = 0;

  constructor(options: StoriesOptions) {
    this.#options = options;
    this.#rules = { ...options.rules, wasGood: options.wasGood };
  }

  get size(): number {
    return this.#stories.size;
  }

  get(key: StoryKey): Story | undefined {
    return this.#stories.size === 0 ? undefined : this.#stories.get(key)?.story;
  }

  /** Begins with the failures that are counted already. */
  begin(facts: Fact[]): Story {
    return new Story(this.#rules, facts);
  }

  /** After a story changed: drops what is too old or too much, and keeps the rest. */
  keep(key: StoryKey, story: Story, nowMs: number): void {
    this.#remove(key);
    const { windowMs, forgiveness } = this.#rules;
    const successesFromMs = nowMs - this.#options.latenessMs - forgiveness.withinMs;
    const { dropped, isOver } = story.trim(successesFromMs - 2 * windowMs, successesFromMs);
    for (const { good, timeMs } of dropped) this.#options.onSettled(good, timeMs);
    if (isOver) return;
    this.#put(key, story, nowMs);
    while (this.#facts > MAX_FACTS && this.#stories.size > 1) this.#settleOldest();
  }

  /** Settles stories that nothing was heard of since their last success became too old. */
  expire(nowMs: number): void {
    const { latenessMs, rules } = this.#options;
    for (const { touchedMs } of this.#stories.values()) {
      if (touchedMs + MAX_AHEAD_MS + latenessMs + rules.forgiveness.withinMs >= nowMs) return;
      this.#settleOldest();
    }
  }

  snapshot(): StoredStory[] {
    return [...this.#stories].map(([key, { story, touchedMs }]) => [key, touchedMs, story.facts]);
  }

  restore(stories: readonly StoredStory[]): void {
    for (const [key, touchedMs, facts] of stories) this.#put(key, this.begin([...facts]), touchedMs);
  }

  #put(key: StoryKey, story: Story, touchedMs: number): void {
    this.#stories.set(key, { story, size: story.size, touchedMs });
    this.#facts += story.size;
  }

  #remove(key: StoryKey): void {
    this.#facts -= this.#stories.get(key)?.size ?? 0;
    this.#stories.delete(key);
  }

  #settleOldest(): void {
    const [key, { story }] = this.#stories.entries().next().value as [StoryKey, Kept];
    this.#remove(key);
    const everything = Number.POSITIVE_INFINITY;
    for (const { good, timeMs } of story.trim(everything, everything).dropped) this.#options.onSettled(good, timeMs);
  }
}
