import { overlaps, parseNetwork } from './address.js';
import { type AlertChange, type Contributor, mergeContributor } from './alert.js';
import { type Block, type BlockState, scopeText } from './block.js';
import type { DecisionSelection, ErasedDecisions } from './erasure.js';

/** An alert as its changes so far make it. */
export interface StoredAlert extends Omit<AlertChange, 'contributors' | 'cleared'> {
  /** Those with the most attempts, at most {@link MAX_CONTRIBUTORS}, most first. */
  contributors: Contributor[];
  /** All of them. One that found no place counts again when it comes again. */
  contributorCount: number;
}

export const MAX_CONTRIBUTORS = 1_000;

/** What is wanted; a field that is absent asks for nothing. Pages go from the newest to the oldest. */
export interface AlertsRequest {
  /** Alerts that went on at some time from here on, milliseconds since 1970 UTC. */
  fromMs: number;
  /** And before this. */
  toMs: number;
  state?: AlertChange['state'];
  rule?: string;
  /** One address or other value: in the key, or among the contributors that are kept. */
  address?: string;
  tenant?: string;
  /** 1 to 1,000. */
  limit: number;
  /** Opaque, from the page before. */
  cursor?: string;
}

export interface BlocksRequest {
  /** Blocks that hold, or were to hold, at some time from here on. */
  fromMs: number;
  toMs: number;
  state?: BlockState;
  /** An address or network that shares an address with the target. */
  address?: string;
  /** `fleet`, `tenant:acme`, `host:web-01`. */
  scope?: string;
  limit: number;
  cursor?: string;
}

export interface AlertsPage {
  /** By the time of the last attempt, newest first; equal times in order of id. */
  alerts: StoredAlert[];
  /** Absent on the last page. */
  cursor?: string;
}

export interface BlocksPage {
  /** By `atMs`, newest first; equal times in order of id. */
  blocks: Block[];
  cursor?: string;
}

/**
 * Port: the latest state of every alert and block, for people who search. The topics stay the truth: it may be thrown
 * away and read again. Every adapter passes `decisionStoreConformance` of the testkit.
 */
export interface DecisionStore {
  /** Durable when it resolves. Changes of one alert in order; a version that is there, or a lower one, changes nothing. */
  putAlerts(changes: AlertChange[]): Promise<void>;
  /** Durable when it resolves. The newest by term and version stays. */
  putBlocks(blocks: Block[]): Promise<void>;
  alerts(request: AlertsRequest): Promise<AlertsPage>;
  blocks(request: BlocksRequest): Promise<BlocksPage>;
  alertById(id: string): Promise<StoredAlert | undefined>;
  /** Forgets alerts whose last attempt, and blocks whose end, is before the time. Answers how many. */
  dropBefore(timeMs: number): Promise<{ alerts: number; blocks: number }>;
  /**
   * Removes what is about the selection for good, and its values from the contributors of other alerts. Blocks that hold
   * or wait stay. Durable when it resolves; repeating it is harmless, and a later change brings back what it tells of.
   */
  erase(selection: DecisionSelection): Promise<ErasedDecisions>;
  close(): Promise<void>;
}

/** The alert after a change; `stored` itself when the change is old. Neither argument is changed. */
export function mergeAlert(stored: StoredAlert | undefined, change: AlertChange): StoredAlert {
  if (stored && stored.version >= change.version) return stored;
  const { contributors: changed, cleared, ...rest } = change;
  const known = new Map(stored?.contributors.map((contributor) => [contributor.value, contributor]));
  let unkept = (stored?.contributorCount ?? 0) - known.size;
  for (const value of cleared) {
    if (!known.delete(value) && unkept > 0) unkept--;
  }
  for (const contributor of changed)
    known.set(contributor.value, mergeContributor(known.get(contributor.value), contributor));
  const contributors = [...known.values()].sort(byWeight);
  return {
    ...rest,
    contributors: contributors.slice(0, MAX_CONTRIBUTORS),
    contributorCount: contributors.length + unkept,
  };
}

function byWeight(a: Contributor, b: Contributor): number {
  return b.count - a.count || b.lastMs - a.lastMs || (a.value < b.value ? -1 : 1);
}

/** Whether a block that came replaces the one that is there: by the term of its writer, then by version. */
export function isNewerBlock(block: Block, stored: Block | undefined): boolean {
  if (!stored) return true;
  const terms = (block.term ?? 0) - (stored.term ?? 0);
  return terms > 0 || (terms === 0 && block.version > stored.version);
}

/** Every value that an alert can be found by. */
export function alertValues({ key, contributors }: StoredAlert): string[] {
  return [...new Set([...Object.values(key), ...contributors.map(({ value }) => value)])];
}

/** The meaning of {@link AlertsRequest}, but for its page. */
export function matchesAlert(alert: StoredAlert, request: AlertsRequest): boolean {
  const { fromMs, toMs, state, rule, address, tenant } = request;
  return (
    alert.lastMs >= fromMs &&
    alert.firstMs < toMs &&
    (state === undefined || alert.state === state) &&
    (rule === undefined || alert.rule === rule) &&
    (tenant === undefined || alert.tenant === tenant) &&
    (address === undefined || alertValues(alert).includes(address))
  );
}

/** The meaning of {@link BlocksRequest}, but for its page. Throws ADDRESS_INVALID. */
export function matchesBlock(block: Block, request: BlocksRequest): boolean {
  const { fromMs, toMs, state, scope, address } = request;
  return (
    block.untilMs >= fromMs &&
    block.atMs < toMs &&
    (state === undefined || block.state === state) &&
    (scope === undefined || scopeText(block.scope) === scope) &&
    (address === undefined || overlaps(parseNetwork(address), parseNetwork(block.target)))
  );
}

/** Where a page ended: the time and the id of its last element. */
export type PagePosition = [timeMs: number, id: string];

export function positionOfAlert({ lastMs, id }: StoredAlert): PagePosition {
  return [lastMs, id];
}

export function positionOfBlock({ atMs, id }: Block): PagePosition {
  return [atMs, id];
}

/** Negative when `a` comes before `b`: newest first, equal times by the code points of the id. */
export function comparePositions(a: PagePosition, b: PagePosition): number {
  return b[0] - a[0] || compareTexts(a[1], b[1]);
}

function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function encodePosition(position: PagePosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Undefined for what {@link encodePosition} never wrote. */
export function decodePosition(cursor: string): PagePosition | undefined {
  try {
    const [timeMs, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (Number.isSafeInteger(timeMs) && typeof id === 'string' && rest.length === 0) return [timeMs as number, id];
  } catch {
    // Answered below, as every other cursor that is none.
  }
  return undefined;
}
