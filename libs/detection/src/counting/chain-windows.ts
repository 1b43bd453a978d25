import type { EvidenceClass } from '@fleetwall/core';
import {
  EpisodeWindows,
  type HeldOccurrences,
  type Occurrence,
  restoreTemporal,
  StepWindows,
  snapshotTemporal,
  type TemporalState,
} from '../temporal/index.js';
import type { WindowStats } from '../windows/index.js';
import type { Chain, ChainLink, ChainStep } from './chain.js';
import { groupKeyOf } from './observation.js';

/** A plain rule's or a correlation's place in the correlation above it. */
interface Place {
  link: ChainLink;
  step: ChainStep;
  index: number;
  /** Absent for the correlation that alerts. */
  windows: StepWindows | undefined;
  /** Where what the correlation found goes. */
  above: Place | undefined;
}

/** Tenant and evidence class, as the group keys have them. */
export type Scope = readonly [tenant: string, evidence: EvidenceClass | 'any'];

/** What came to the correlation that alerts: its group, and the occurrence as it is counted there. */
export interface Arrival {
  key: string;
  fields: Record<string, string>;
  occurrence: Occurrence;
}

/** The windows of all correlations of a chain, and the way of a match through them. */
export class ChainWindows {
  readonly episodes: EpisodeWindows;
  /** What the correlations below the one that alerts hold. */
  readonly #below: HeldOccurrences[] = [];
  readonly #places = new Map<string, Place[]>();
  readonly #identity: Record<string, string | number>;

  constructor(chain: Chain, latenessMs: number, maxBytes: number) {
    this.#identity = { kind: 'chain', chain: JSON.stringify(chain), latenessMs };
    const share = Math.floor(maxBytes / countOf(chain));
    const optionsOf = ({ pattern }: ChainLink) => ({ pattern, latenessMs, maxBytes: share });
    const build = (link: ChainLink, windows: StepWindows | undefined, above: Place | undefined) => {
      for (const [index, step] of link.steps.entries()) {
        const place = { link, step, index, windows, above };
        if (step.below === undefined) {
          this.#places.set(step.rule, [...(this.#places.get(step.rule) ?? []), place]);
          continue;
        }
        const below = new StepWindows(optionsOf(step.below));
        this.#below.push(below.held);
        build(step.below, below, place);
      }
    };
    this.episodes = new EpisodeWindows(optionsOf(chain));
    build(chain, undefined, undefined);
  }

  /** Leads the match of a plain rule upwards; answers what arrives at the top. */
  arrivals(rule: string, one: Occurrence, scope: Scope, nowMs: number): Arrival[] {
    return (this.#places.get(rule) ?? []).flatMap((place) => this.#lead(place, one, scope, nowMs));
  }

  stats(): WindowStats {
    const stats = this.episodes.stats();
    for (const held of this.#below) {
      const own = held.stats();
      for (const name of Object.keys(own) as (keyof WindowStats)[]) stats[name] += own[name];
    }
    return stats;
  }

  /** Episodes that are over. */
  expire(nowMs: number): { key: string }[] {
    for (const held of this.#below) held.sweep(nowMs);
    return this.episodes.expire(nowMs);
  }

  snapshot(): Iterable<Buffer> {
    return snapshotTemporal(this.#state(), this.#identity);
  }

  restore(chunks: Iterable<Buffer>): void {
    restoreTemporal(this.#state(), this.#identity, chunks);
  }

  #state(): TemporalState {
    return { held: [this.episodes.held, ...this.#below], episodes: this.episodes };
  }

  #lead(place: Place, one: Occurrence, scope: Scope, nowMs: number): Arrival[] {
    const { link, step, index, windows, above } = place;
    const arrival = arrivalOf(link, step, index, one, scope);
    if (arrival === undefined) return [];
    if (windows === undefined || above === undefined) {
      // Nobody above asks for its fields.
      const { fields: _, ...occurrence } = arrival.occurrence;
      return [{ ...arrival, occurrence }];
    }
    const completed = windows.add(arrival.key, arrival.occurrence, nowMs);
    return completed.flatMap((found) => this.#lead(above, found, scope, nowMs));
  }
}

/** Undefined when the event lacks what is grouped by or counted. */
function arrivalOf(
  { pattern, groupBy, field }: ChainLink,
  { rule, fields: own }: ChainStep,
  index: number,
  one: Occurrence,
  [tenant, evidence]: Scope,
): Arrival | undefined {
  const known = one.fields ?? {};
  const value = field === undefined ? rule : known[field];
  const values = own.map((name) => known[name]);
  if (value === undefined || values.includes(undefined)) return undefined;
  const fields = Object.fromEntries(groupBy.map((name, i) => [name, values[i] as string]));
  // An event that two of its rules match counts once, where only the number or the values of events matter.
  const step = pattern.type === 'count' || field !== undefined ? 0 : index;
  const { id, timeMs, host, who } = one;
  const occurrence = { id, timeMs, host, who, value, step, fields: known };
  return { key: groupKeyOf(tenant, evidence, values as string[]), fields, occurrence };
}

function countOf({ steps }: ChainLink): number {
  return 1 + steps.reduce((sum, { below }) => sum + (below ? countOf(below) : 0), 0);
}
