import { printable, type Registry } from '@fleetwall/core';
import { ALLOWLIST, type AllowEntry } from './allow-entry.js';
import { DENYLIST } from './deny-entry.js';

export type ListName = 'allow' | 'deny';

const COLLECTIONS = { allow: ALLOWLIST, deny: DENYLIST } as const;

/** How often an entry of a list did something: documents of the registry, by `allow 198.51.100.0/24`. */
export const LIST_HITS = 'list-hits';
/** Id of the document that says since when hits are counted at all. */
export const COUNTED_SINCE = 'since';

export interface HitCount {
  /** Blocks that were prevented (allow), alerts that found the block in force (deny): each alert and target once. */
  count: number;
  sinceMs: number;
  lastMs: number;
}

export function hitsId(list: ListName, target: string): string {
  return `${list} ${target}`;
}

/** What a person writes of an entry; the rest is filled in. */
export type WrittenEntry = Omit<AllowEntry, 'createdMs'>;

/** @param target canonical, and checked */
export async function putListEntry(
  registry: Registry,
  list: ListName,
  target: string,
  { reason, owner, untilMs }: WrittenEntry,
  createdMs: number,
): Promise<AllowEntry> {
  const end = untilMs === undefined ? {} : { untilMs };
  const entry: AllowEntry = { reason: printable(reason), owner: printable(owner), createdMs, ...end };
  await registry.put<AllowEntry>(COLLECTIONS[list], target, entry);
  return entry;
}

export async function listEntry(registry: Registry, list: ListName, target: string): Promise<AllowEntry | undefined> {
  return (await registry.get<AllowEntry>(COLLECTIONS[list], target))?.value;
}

export function listEntries(registry: Registry, list: ListName) {
  return registry.list<AllowEntry>(COLLECTIONS[list]);
}

/** With what was counted of it. Answers the entry, or undefined when there was none. */
export async function removeListEntry(
  registry: Registry,
  list: ListName,
  target: string,
): Promise<AllowEntry | undefined> {
  const entry = await listEntry(registry, list, target);
  if (!entry) return undefined;
  await registry.delete(COLLECTIONS[list], target);
  const id = hitsId(list, target);
  if (await registry.get(LIST_HITS, id)) await registry.delete(LIST_HITS, id);
  return entry;
}
