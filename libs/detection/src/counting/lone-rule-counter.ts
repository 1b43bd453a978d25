import { EpisodeWindows, restoreTemporal, snapshotTemporal } from '../temporal/index.js';
import type { WindowStats } from '../windows/index.js';
import type { AlertBook, EpisodeSource } from './alert-book.js';
import type { Arrival } from './chain-windows.js';
import { arrive, type MatchCounter, occurrenceOf } from './match-counter.js';
import { groupKeyOf, type Observation } from './observation.js';

/** An alert of a plain rule goes on while it matches again within this time. */
export const QUIET_MS = 3_600_000;
/** How late an event may come and still count by its own time. */
export const LONE_LATENESS_MS = 3_600_000;
/** What an alert of a plain rule is about, as far as the event has it; the first one every event has. */
export const LONE_FIELDS = ['host.id', 'source.ip', 'user.name'] as const;

const PATTERN = { type: 'distinct', threshold: 1, windowMs: QUIET_MS, tells: 'occurrences' } as const;
const IDENTITY = { kind: 'lone rules', windowMs: QUIET_MS, latenessMs: LONE_LATENESS_MS };

/**
 * Plain rules that no correlation counts: a match is an alert by itself, one for each rule, host, address and account,
 * which goes on until the rule has been quiet for an hour. All of them share one room.
 */
export class LoneRuleCounter implements MatchCounter {
  served = 0;
  readonly windows: LoneRuleWindows;
  readonly #books = new Map<string, AlertBook>();

  constructor(maxBytes: number) {
    this.windows = new LoneRuleWindows(maxBytes);
  }

  /** Without contributors: there is but the one rule. */
  readonly source: EpisodeSource = {
    episode: (key) => this.windows.episodes.episode(key),
    progress: (key) => this.windows.episodes.progress(key),
  };

  get books(): readonly AlertBook[] {
    return [...this.#books.values()];
  }

  add(book: AlertBook): void {
    this.#books.set(book.plan.name, book);
  }

  match(observation: Observation, host: number, nowMs: number): void {
    for (const rule of observation.matched ?? []) {
      const book = this.#books.get(rule);
      if (book) arrive(arrivalOf(observation, rule, host), this.windows.episodes, [book], observation, nowMs);
    }
  }

  expire(nowMs: number): void {
    for (const { key } of this.windows.episodes.expire(nowMs)) this.#books.get(ruleOf(key))?.close(key, 'over', nowMs);
    for (const book of this.#books.values()) book.flush(nowMs);
  }
}

/** Windows in which every match fires. */
class LoneRuleWindows {
  readonly episodes: EpisodeWindows;

  constructor(maxBytes: number) {
    this.episodes = new EpisodeWindows({ pattern: PATTERN, latenessMs: LONE_LATENESS_MS, maxBytes });
  }

  stats(): WindowStats {
    return this.episodes.stats();
  }

  snapshot(): Iterable<Buffer> {
    return snapshotTemporal({ held: [this.episodes.held], episodes: this.episodes }, IDENTITY);
  }

  restore(chunks: Iterable<Buffer>): void {
    restoreTemporal({ held: [this.episodes.held], episodes: this.episodes }, IDENTITY, chunks);
  }
}

function arrivalOf(observation: Observation, rule: string, host: number): Arrival {
  const { tenant, evidence, values = {} } = observation;
  const known = LONE_FIELDS.flatMap((field): [string, string][] => {
    const value = values[field];
    return value === undefined ? [] : [[field, value]];
  });
  const { fields: _, ...occurrence } = occurrenceOf(observation, host, rule);
  const group = groupKeyOf(
    tenant,
    evidence,
    LONE_FIELDS.map((field) => values[field] ?? ''),
  );
  return { key: keyOf(rule, group), fields: Object.fromEntries(known), occurrence };
}

/** A rule's name may be any text: its length comes first. */
function keyOf(rule: string, group: string): string {
  return `${rule.length} ${rule}${group}`;
}

function ruleOf(key: string): string {
  const from = key.indexOf(' ') + 1;
  return key.slice(from, from + Number.parseInt(key, 10));
}
