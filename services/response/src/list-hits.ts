import type { Clock, Registry } from '@fleetwall/core';
import { COUNTED_SINCE, type HitCount, hitsId, LIST_HITS, type ListHit, listEntry } from '@fleetwall/response';
import { isRegistryConflict } from '@fleetwall/service';

/** An alert is counted once for each of its targets, as long as so many are remembered. */
const MAX_REMEMBERED = 20_000;

/** Hits since the last {@link flush}, of one entry. */
interface Fresh {
  list: ListHit['list'];
  entry: string;
  count: number;
  lastMs: number;
}

/**
 * How often the entries of the lists did something. Counted in memory by who decides, added up in the registry: a crash loses
 * what was counted since the last flush, so that the number is one that was reached at least.
 */
export class ListHits {
  readonly #fresh = new Map<string, Fresh>();
  readonly #counted = new Set<string>();

  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  add({ list, entry, alertId, target }: ListHit): void {
    const once = `${list} ${entry} ${target} ${alertId}`;
    if (this.#counted.has(once)) return;
    this.#counted.add(once);
    if (this.#counted.size > MAX_REMEMBERED) this.#counted.delete(this.#counted.values().next().value as string);
    const id = hitsId(list, entry);
    const count = (this.#fresh.get(id)?.count ?? 0) + 1;
    this.#fresh.set(id, { list, entry, count, lastMs: this.clock() });
  }

  /** Notes, once for an installation, that hits are counted from now on. */
  async begin(): Promise<void> {
    if (await this.registry.get(LIST_HITS, COUNTED_SINCE)) return;
    await this.registry.put(LIST_HITS, COUNTED_SINCE, { sinceMs: this.clock() }, 0).catch(unlessConflict);
  }

  /** What fails is added with the next one. */
  async flush(): Promise<void> {
    for (const [id, fresh] of [...this.#fresh]) {
      this.#fresh.delete(id);
      try {
        await this.#addTo(id, fresh);
      } catch (error) {
        const later = this.#fresh.get(id);
        this.#fresh.set(id, { ...fresh, ...later, count: fresh.count + (later?.count ?? 0) });
        throw error;
      }
    }
  }

  /** An entry that is gone needs no count. */
  async #addTo(id: string, { list, entry, count, lastMs }: Fresh): Promise<void> {
    const listed = await listEntry(this.registry, list, entry);
    if (!listed) return;
    const stored = await this.registry.get<HitCount>(LIST_HITS, id);
    const since = stored ?? (await this.registry.get<{ sinceMs: number }>(LIST_HITS, COUNTED_SINCE));
    const sinceMs = stored?.value.sinceMs ?? Math.max(since?.value.sinceMs ?? 0, listed.createdMs);
    const value: HitCount = { count: (stored?.value.count ?? 0) + count, sinceMs, lastMs };
    await this.registry.put(LIST_HITS, id, value, stored?.version ?? 0);
  }
}

function unlessConflict(error: unknown): void {
  if (!isRegistryConflict(error)) throw error;
}
