import {
  BLOCKS_EPOCH_KEY,
  type Block,
  type BlockScope,
  type BlocksEpoch,
  type BusRecord,
  type Clock,
  type DesiredBlock,
  scopeText,
} from '@fleetwall/core';
import type { AgentIdentity, BlocksPosition } from '@fleetwall/protocol';
import { type BlockChange, PendingChange } from './block-change.js';
import { BlockGroup } from './block-group.js';

/** Somebody who wants the blocks of one collector. */
export interface BlockSubscriber {
  /** Everything is to be taken anew: at the beginning, and when the epoch changed. */
  onSnapshot(): void;
  onChange(change: BlockChange): void;
}

export interface BlockBoardStats {
  /** Records of `fleetwall.blocks` by a writer that is no longer the active one: passed over. */
  staleBlocks: number;
  /** Records of `fleetwall.blocks` that are no blocks. */
  undecodableBlocks: number;
}

interface Subscription {
  agent: AgentIdentity;
  subscriber: BlockSubscriber;
  /** Set while the collector holds more than this gateway has read. */
  awaits: number | undefined;
}

/** What comes within this time after a change goes out together with what else does: bounds what a flood costs. */
const GATHER_MS = 50;

/** All desired blocks by scope, as the topic of blocks tells them, and who wants to hear of changes. */
export class BlockBoard {
  readonly stats: BlockBoardStats = { staleBlocks: 0, undecodableBlocks: 0 };
  readonly #clock: Clock;
  readonly #groups = new Map<string, BlockGroup>();
  /** The group each record's key was in last. */
  readonly #scopeOfKey = new Map<string, string>();
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #waiting = new Set<Subscription>();
  readonly #pending = new Map<string, PendingChange>();
  #position: BlocksPosition = { revision: 0 };
  #term = 0;
  #gathering = false;
  #gatheredMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get position(): BlocksPosition {
    return this.#position;
  }

  /** One record of `fleetwall.blocks`, in the order of offsets. */
  take({ key, value, offset }: Pick<BusRecord, 'key' | 'value' | 'offset'>): void {
    this.#position = { ...this.#position, revision: offset + 1 };
    if (key === BLOCKS_EPOCH_KEY) this.#takeEpoch(value);
    else this.#takeBlock(key, value);
    if (this.#pending.size > 0 || this.#waiting.size > 0) this.#gather();
  }

  /**
   * The first snapshot is asked for within the call, unless the collector holds a later revision of the same epoch: then
   * as soon as this gateway has read as far. Answers how to stop.
   */
  subscribe(agent: AgentIdentity, subscriber: BlockSubscriber, holds?: BlocksPosition): () => void {
    const { epoch, revision } = this.#position;
    const isBehind = holds?.epoch !== undefined && holds.epoch === epoch && holds.revision > revision;
    const subscription: Subscription = { agent, subscriber, awaits: isBehind ? holds.revision : undefined };
    for (const scope of scopesOf(agent)) {
      const others = this.#subscriptions.get(scope) ?? new Set();
      this.#subscriptions.set(scope, others.add(subscription));
    }
    if (isBehind) this.#waiting.add(subscription);
    else subscriber.onSnapshot();
    return () => {
      this.#waiting.delete(subscription);
      for (const scope of scopesOf(agent)) {
        const others = this.#subscriptions.get(scope);
        others?.delete(subscription);
        if (others?.size === 0) this.#subscriptions.delete(scope);
      }
    };
  }

  desiredOf(agent: AgentIdentity): DesiredBlock[] {
    return this.#groupsOf(agent).flatMap((group) => group.wanted(this.#clock()));
  }

  /** The encoded messages of a snapshot, shared with other collectors but for the first and the last. */
  snapshotMessages(agent: AgentIdentity): Buffer[] {
    const groups = this.#groupsOf(agent);
    const parts = groups.flatMap((group) => group.parts(this.#clock()));
    const count = groups.reduce((sum, { size }) => sum + size, 0);
    const begin = Buffer.from(JSON.stringify({ type: 'snapshot.begin', ...this.#position }));
    return [begin, ...parts, Buffer.from(JSON.stringify({ type: 'snapshot.end', count }))];
  }

  #groupsOf(agent: AgentIdentity): BlockGroup[] {
    return scopesOf(agent).flatMap((scope) => this.#groups.get(scope) ?? []);
  }

  #takeEpoch(value: Buffer): void {
    const record = decoded<BlocksEpoch>(value);
    if (typeof record?.epoch !== 'string' || !Number.isSafeInteger(record.term)) {
      this.stats.undecodableBlocks++;
      return;
    }
    if (this.#isStale(record.term)) return;
    if (record.epoch === this.#position.epoch) return;
    this.#position = { epoch: record.epoch, revision: this.#position.revision };
    this.#waiting.clear();
    for (const subscription of this.#everybody()) {
      subscription.awaits = undefined;
      subscription.subscriber.onSnapshot();
    }
  }

  #takeBlock(key: string, value: Buffer): void {
    const block = value.length > 0 ? decoded<Block>(value) : undefined;
    if (value.length > 0 && !isBlock(block)) {
      this.stats.undecodableBlocks++;
      return;
    }
    if (block && this.#isStale(block.term ?? 0)) return;
    const before = this.#scopeOfKey.get(key);
    const scope = block ? scopeText(block.scope) : before;
    const isWanted = block?.state === 'active' && block.untilMs > this.#clock();
    if (before !== undefined && (!isWanted || before !== scope)) this.#remove(before, key);
    if (isWanted && block && scope !== undefined) this.#set(scope, key, desired(block));
  }

  #isStale(term: number): boolean {
    if (term < this.#term) this.stats.staleBlocks++;
    const isStale = term < this.#term;
    this.#term = Math.max(this.#term, term);
    return isStale;
  }

  #set(scope: string, key: string, block: DesiredBlock): void {
    const group = this.#groups.get(scope) ?? new BlockGroup();
    this.#groups.set(scope, group);
    const known = group.get(key);
    group.set(key, block);
    this.#scopeOfKey.set(key, scope);
    const pending = this.#pendingOf(scope);
    if (known && known.id !== block.id) pending?.remove(known.id);
    pending?.set(block);
  }

  #remove(scope: string, key: string): void {
    const group = this.#groups.get(scope);
    const known = group?.get(key);
    group?.delete(key);
    if (group?.size === 0) this.#groups.delete(scope);
    this.#scopeOfKey.delete(key);
    if (known) this.#pendingOf(scope)?.remove(known.id);
  }

  /** Nobody listens to a scope without subscribers. */
  #pendingOf(scope: string): PendingChange | undefined {
    if (!this.#subscriptions.has(scope)) return undefined;
    const pending = this.#pending.get(scope) ?? new PendingChange();
    this.#pending.set(scope, pending);
    return pending;
  }

  /** The first change goes out with the others of the same turn, at once. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    const waitMs = this.#gatheredMs + GATHER_MS - performance.now();
    if (waitMs > 0) setTimeout(() => this.#tell(), waitMs);
    else setImmediate(() => this.#tell());
  }

  #tell(): void {
    this.#gathering = false;
    this.#gatheredMs = performance.now();
    const scopesBySubscription = new Map<Subscription, string[]>();
    for (const scope of this.#pending.keys()) {
      for (const subscription of this.#subscriptions.get(scope) ?? []) {
        const scopes = scopesBySubscription.get(subscription);
        if (scopes) scopes.push(scope);
        else scopesBySubscription.set(subscription, [scope]);
      }
    }
    const pending = new Map(this.#pending);
    this.#pending.clear();
    const changes = new Map<string, BlockChange>();
    for (const [{ subscriber, awaits }, scopes] of scopesBySubscription) {
      if (awaits !== undefined) continue;
      const combination = scopes.join(' ');
      const parts = scopes.map((scope) => pending.get(scope) as PendingChange);
      const change = changes.get(combination) ?? PendingChange.merge(this.#position, parts);
      changes.set(combination, change);
      subscriber.onChange(change);
    }
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    for (const subscription of this.#waiting) {
      if (this.#position.revision < (subscription.awaits ?? 0)) continue;
      this.#waiting.delete(subscription);
      subscription.awaits = undefined;
      subscription.subscriber.onSnapshot();
    }
  }

  #everybody(): Set<Subscription> {
    return new Set([...this.#subscriptions.values()].flatMap((all) => [...all]));
  }
}

/** The scopes whose blocks hold on the host of a collector. */
function scopesOf({ host, tenant }: AgentIdentity): string[] {
  const scopes: BlockScope[] = [{ type: 'fleet' }, { type: 'tenant', id: tenant }, { type: 'host', id: host }];
  return scopes.map(scopeText);
}

function decoded<T>(value: Buffer): T | undefined {
  try {
    return JSON.parse(value.toString('utf8')) as T;
  } catch {
    return undefined;
  }
}

/** What is read of a block; the rest is the response service's promise. */
function isBlock(block: Block | undefined): block is Block {
  return (
    typeof block?.id === 'string' &&
    typeof block.target === 'string' &&
    typeof block.scope?.type === 'string' &&
    Number.isFinite(block.untilMs)
  );
}

/** Target, expiry, ports and an opaque id: never another customer's reasons. */
function desired({ id, target, untilMs, except, cutSessions, ports }: Block): DesiredBlock {
  return {
    id,
    target,
    untilMs,
    ...(except?.length > 0 ? { except } : {}),
    ...(cutSessions ? { cutSessions } : {}),
    ...(ports === 'web' ? { ports } : {}),
  };
}
