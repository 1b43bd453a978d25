import type { Block, BlockReason, BlockScope } from '@fleetwall/core';
import { type AllowEntry, isValid } from './allow-entry.js';
import { type BlockBook, isEnded } from './block-book.js';
import { MAX_BLOCK_MS } from './duration.js';

/** A document of the registry's collection `denylist`; its id is the canonical address or network. */
export type DenyEntry = AllowEntry;

export const DENYLIST = 'denylist';

/** Where entries hold. */
const SCOPE: BlockScope = { type: 'fleet' };
const DAY_MS = 86_400_000;
/** A block of an entry without an end is renewed this long after it was begun or renewed. */
const RENEW_AFTER_MS = 30 * DAY_MS;

type ListedReason = Extract<BlockReason, { type: 'person' }>;

/** Whether an entry of the denylist holds a block that is in force. */
export function isListed(block: Block): boolean {
  return !isEnded(block) && listedReason(block) !== undefined;
}

function listedReason({ reasons }: Block): ListedReason | undefined {
  return reasons.find((reason): reason is ListedReason => reason.type === 'person' && reason.listedMs !== undefined);
}

export interface DenialParts {
  book: BlockBook;
  /** What stays reachable of a target; undefined: it must not be blocked at all, or there is no room for it. */
  exceptionsOf: (target: string, scope: BlockScope) => string[] | undefined;
}

/**
 * Brings the blocks to what the denylist says, a step at a time: each entry has one block of all ports on the whole fleet. An
 * entry without an end has a block that ends in a year and is renewed every month, so that no host and no firewall has to
 * hold anything for ever, and what nobody vouches for any more goes in the end. An entry that was removed lifts its block.
 */
export function* denying(
  entries: ReadonlyMap<string, DenyEntry>,
  { book, exceptionsOf }: DenialParts,
  nowMs: number,
): Generator<void> {
  for (const block of book.all()) {
    yield;
    if (isListed(block) && !entries.has(block.target)) book.end(block, 'lifted', nowMs);
  }
  for (const [target, entry] of entries) {
    yield;
    if (!isValid(entry, nowMs)) continue;
    const block = book.get(target, SCOPE);
    if (block?.state === 'active') hold(book, block, entry, nowMs);
    else begin(target, entry, { book, exceptionsOf }, nowMs);
  }
}

function begin(target: string, entry: DenyEntry, { book, exceptionsOf }: DenialParts, nowMs: number): void {
  const except = exceptionsOf(target, SCOPE);
  if (except === undefined) return;
  const durationMs = endOf(entry, nowMs) - nowMs;
  const create = { target, scope: SCOPE, reason: reasonOf(entry), startMs: nowMs, durationMs, except };
  book.start({ ...create, cutSessions: false, dryRun: false }, false);
}

/** A block that goes on for other reasons ends with the later of both; afterwards the entry decides. */
function hold(book: BlockBook, block: Block, entry: DenyEntry, nowMs: number): void {
  const known = listedReason(block);
  const untilMs = endOf(entry, nowMs);
  if (known?.listedMs === entry.createdMs) {
    if (entry.untilMs === undefined && block.untilMs < untilMs - RENEW_AFTER_MS) book.endAt(block, untilMs);
    return;
  }
  book.widen(block, []);
  book.keepReasons(block, [reasonOf(entry), ...block.reasons.filter((reason) => reason !== known)]);
  book.endAt(block, known ? untilMs : Math.max(block.untilMs, untilMs));
}

function endOf({ untilMs }: DenyEntry, nowMs: number): number {
  return untilMs ?? nowMs + MAX_BLOCK_MS;
}

function reasonOf({ owner, reason, createdMs, untilMs }: DenyEntry): BlockReason {
  const end = untilMs === undefined ? { isEndless: true } : {};
  return { type: 'person', by: owner, comment: reason, listedMs: createdMs, ...end };
}
