import { createHash, randomUUID } from 'node:crypto';
import type { Clock, Registry } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';

const COLLECTION = 'saved-searches';
const MOST_OF_A_PERSON = 200;
const MOST_LINKS = 2_000;

export interface NewSearch {
  /** Absent: a link. */
  name?: string | undefined;
  query: string;
  /** As given: `now-24h` stays relative. */
  from: string;
  to: string;
  /** Names of fields, with commas. */
  columns: string;
  isShared: boolean;
}

/** A document of the registry. */
export interface SavedSearch extends NewSearch {
  owner: string;
  /** Absent: of those who answer for all tenants. */
  tenant?: string;
  createdMs: number;
}

/**
 * Searches that people keep, and links to queries too long for an address. Nobody sees those of another tenant, nor
 * another person's that are not shared: they are as if they were not there.
 */
export class SavedSearches {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** In order of name; links have none, and are left out. */
  async list(caller: Caller) {
    const all = await this.registry.list<SavedSearch>(COLLECTION);
    const seen = all.filter(({ value }) => value.name !== undefined && isVisible(value, caller));
    return seen
      .map(({ id, value }) => searchView(id, value))
      .sort((a, b) => ((a.name as string) < (b.name as string) ? -1 : 1));
  }

  /** Throws NOT_FOUND. */
  async get(id: string, caller: Caller) {
    return searchView(id, await this.#visible(id, caller));
  }

  /** The same link twice is one document. Throws SEARCHES_FULL. */
  async save({ name, ...kept }: NewSearch, caller: Caller) {
    const of = caller.tenant === undefined ? {} : { tenant: caller.tenant };
    const own = { ...kept, owner: caller.name, ...of, createdMs: this.clock() };
    const value: SavedSearch = name === undefined ? { ...own, isShared: true } : { ...own, name };
    const id = name === undefined ? linkId(value) : randomUUID();
    await this.#makeRoom(value);
    await this.registry.put(COLLECTION, id, value);
    return searchView(id, value);
  }

  /** Answers what was removed. Throws NOT_FOUND, and FORBIDDEN for what another person shares. */
  async delete(id: string, caller: Caller) {
    const value = await this.#visible(id, caller);
    if (value.owner !== caller.name && caller.role !== 'administrator')
      throw consoleError('FORBIDDEN', { who: caller.name });
    await this.registry.delete(COLLECTION, id);
    return searchView(id, value);
  }

  async #visible(id: string, caller: Caller): Promise<SavedSearch> {
    const value = (await this.registry.get<SavedSearch>(COLLECTION, id))?.value;
    if (!value || !isVisible(value, caller)) throw consoleError('NOT_FOUND', { what: 'saved search' });
    return value;
  }

  /** Of a person's searches none goes by itself; of the links the oldest does. */
  async #makeRoom({ name, owner, tenant }: SavedSearch): Promise<void> {
    const all = (await this.registry.list<SavedSearch>(COLLECTION)).filter(({ value }) => value.tenant === tenant);
    if (name !== undefined) {
      const own = all.filter(({ value }) => value.owner === owner && value.name !== undefined);
      if (own.length >= MOST_OF_A_PERSON) throw consoleError('SEARCHES_FULL', { name: owner, most: MOST_OF_A_PERSON });
      return;
    }
    const links = all
      .filter(({ value }) => value.name === undefined)
      .sort((a, b) => a.value.createdMs - b.value.createdMs);
    const excess = links.slice(0, Math.max(0, links.length + 1 - MOST_LINKS));
    for (const { id } of excess) await this.registry.delete(COLLECTION, id);
  }
}

function isVisible({ tenant, owner, isShared }: SavedSearch, caller: Caller): boolean {
  return tenant === caller.tenant && (isShared || owner === caller.name);
}

/** Of the content, so that sharing the same query again makes no second one. */
function linkId({ tenant, query, from, to, columns }: SavedSearch): string {
  const content = JSON.stringify([tenant ?? null, query, from, to, columns]);
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

function searchView(id: string, { name, query, from, to, columns, owner, isShared, createdMs }: SavedSearch) {
  const named = name === undefined ? {} : { name };
  return { id, ...named, query, from, to, columns, owner, isShared, created: iso(createdMs) };
}
