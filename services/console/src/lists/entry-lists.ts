import { type Clock, canonicalTarget, type Network, overlaps, parseNetwork, type Registry } from '@fleetwall/core';
import {
  type AllowEntry,
  COUNTED_SINCE,
  exemptTarget,
  type HitCount,
  hitsId,
  isValid,
  LIST_HITS,
  type ListName,
  listEntries,
  listEntry,
  MAX_BLOCK_MS,
  parseBlockDuration,
  putListEntry,
  removeListEntry,
  responseError,
  Targets,
  type WrittenEntry,
} from '@fleetwall/response';
import { consoleError } from '../api/errors.js';
import { iso, isoIf } from '../api/iso.js';
import type { Rails } from '../blocks/rails.js';

const DAY_MS = 86_400_000;
/** An entry that ends within this time is told of. */
const ENDING_MS = 7 * DAY_MS;

export interface AskedEntry {
  reason: string;
  owner?: string | undefined;
  duration?: string | undefined;
  until?: string | undefined;
}

/**
 * What is never blocked, and what is until somebody says otherwise: the same documents that `fleetwall allow` and `fleetwall
 * deny` write, and the response service follows.
 */
export class EntryLists {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
    private readonly rails: Rails,
  ) {}

  /** In order of target; what cannot be read as a target is left out, as the response service does. */
  async list(list: ListName) {
    const [entries, hits] = await Promise.all([listEntries(this.registry, list), this.#hits()]);
    const sound = entries.filter(({ id }) => networkOf(id) !== undefined);
    const nested = nestedIn(sound.map(({ id }) => id));
    return sound.map(({ id, value }) => ({
      ...this.#view(id, value),
      coveredBy: nested(id),
      hits: hits(list, id, value),
    }));
  }

  async get(list: ListName, text: string): Promise<AllowEntry | undefined> {
    return listEntry(this.registry, list, canonicalTarget(text));
  }

  /** Entries that hold now and share an address with the network. */
  async overlapping(list: ListName, network: Network) {
    const nowMs = this.clock();
    return (await listEntries(this.registry, list)).filter(({ id, value }) => {
      const own = networkOf(id);
      return own !== undefined && isValid(value, nowMs) && overlaps(own, network);
    });
  }

  /** Throws ADDRESS_INVALID, ALLOW_REFUSED, BLOCK_REFUSED, DURATION_INVALID, INPUT_INVALID. */
  async put(list: ListName, text: string, asked: AskedEntry, by: string) {
    const target = canonicalTarget(text);
    if (list === 'allow') exemptTarget(target, '');
    else await this.#mustBeBlockable(target);
    const nowMs = this.clock();
    const written: WrittenEntry = { reason: asked.reason, owner: asked.owner ?? by, ...this.#endOf(asked, nowMs) };
    return this.#view(target, await putListEntry(this.registry, list, target, written, nowMs));
  }

  /** Throws ADDRESS_INVALID, NOT_FOUND. */
  async delete(list: ListName, text: string): Promise<void> {
    const removed = await removeListEntry(this.registry, list, canonicalTarget(text));
    if (!removed) throw consoleError('NOT_FOUND', { what: `entry of the ${list}list` });
  }

  async #mustBeBlockable(target: string): Promise<void> {
    const verdict = await this.rails.judge(target, 'fleet');
    if (!verdict.allowed) throw responseError('BLOCK_REFUSED', { target, reason: verdict.reason });
  }

  #endOf({ duration, until }: AskedEntry, nowMs: number): { untilMs?: number } {
    if (duration !== undefined) return { untilMs: nowMs + parseBlockDuration(duration) };
    if (until === undefined) return {};
    const untilMs = Date.parse(until);
    if (untilMs > nowMs && untilMs <= nowMs + MAX_BLOCK_MS) return { untilMs };
    throw consoleError('INPUT_INVALID', { field: 'until', reason: 'is over, or more than a year ahead' });
  }

  #view(target: string, entry: AllowEntry) {
    const { reason, owner, createdMs, untilMs } = entry;
    const nowMs = this.clock();
    const isEnding = untilMs !== undefined && untilMs - nowMs < ENDING_MS;
    const state = !isValid(entry, nowMs) ? ('over' as const) : isEnding ? ('ending' as const) : ('valid' as const);
    return { target, reason, owner, created: iso(createdMs), ...isoIf('until', untilMs), state };
  }

  /** Unknown, and so absent, while no response service has begun to count. */
  async #hits() {
    const counts = await this.registry.list<HitCount>(LIST_HITS);
    const byId = new Map(counts.map(({ id, value }) => [id, value]));
    const since = byId.get(COUNTED_SINCE);
    return (list: ListName, target: string, { createdMs }: AllowEntry) => {
      if (!since) return undefined;
      const { count, sinceMs, lastMs } = byId.get(hitsId(list, target)) ?? {
        count: 0,
        sinceMs: Math.max(since.sinceMs, createdMs),
        lastMs: undefined,
      };
      return { count, since: iso(sinceMs), ...isoIf('last', lastMs) };
    };
  }
}

function networkOf(target: string): Network | undefined {
  try {
    return parseNetwork(target);
  } catch {
    return undefined;
  }
}

/** Which others of a list hold all of an entry, the narrowest first. */
function nestedIn(targets: readonly string[]): (target: string) => string[] {
  const all = new Targets();
  for (const target of targets) all.add(target, target);
  return (target) => [...all.around(target)].filter((other) => other !== target);
}
