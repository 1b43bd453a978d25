import { hash } from 'node:crypto';
import {
  type Block,
  type BlockPorts,
  type BlockReason,
  type BlockScope,
  type BlockState,
  parseNetwork,
  scopeText,
} from '@fleetwall/core';
import { DueQueue } from './due-queue.js';
import { Targets } from './targets.js';

/** How long an offence is remembered for escalation, at the most. */
const MEMORY_MS = 30 * 86_400_000;
const MAX_HISTORY = 50;
/** Of one block. */
const MAX_REASONS = 200;
/** Blocks that are over are remembered, for escalation, as long as there are no more of them; then the first one goes. */
const MAX_ENDED = 200_000;
/** Alert changes whose evidence blocks share after a start. */
const MAX_SHARED = 1_000;

/** What has to be published: blocks that changed, and those that nobody needs to remember any more. */
export interface BlockChanges {
  changed: Block[];
  forgotten: Block[];
}

type AlertReason = Extract<BlockReason, { type: 'alert' }>;

export interface NewBlock {
  target: string;
  scope: BlockScope;
  reason: BlockReason;
  startMs: number;
  durationMs: number;
  except: string[];
  /** Absent: all. */
  ports?: BlockPorts;
  cutSessions: boolean;
  dryRun: boolean;
}

/**
 * All blocks and their states. Every change goes through here, is versioned, and is handed out once by
 * {@link takeChanges}; folding those changes (the compacted topic) gives the same book again.
 */
export class BlockBook {
  readonly #blocks = new Map<string, Block>();
  readonly #byAlert = new Map<string, Set<string>>();
  readonly #due = new DueQueue<string>();
  /** Of all blocks but those of single addresses on the whole fleet, which are found by their key. */
  readonly #targets = new Targets();
  /** What all blocks in force or held cover together: IPv4 addresses, and IPv6 networks of 64 bits. */
  covered = 0;
  /** What of each block is counted and queued. */
  readonly #indexed = new Map<string, Indexed>();
  /** How many blocks are in each state. */
  readonly states: Record<BlockState, number> = {
    held: 0,
    active: 0,
    lifted: 0,
    withdrawn: 0,
    expired: 0,
    'too-late': 0,
    'dry-run': 0,
  };
  /** In the order in which they ended. */
  readonly #ended = new Set<string>();
  readonly #maxEnded: number;
  /** By alert and version: what many blocks have in common is there once. */
  readonly #shared = new Map<string, Pick<AlertReason, 'hosts' | 'evidence'>>();
  #changed = new Map<string, Block>();
  #forgotten: Block[] = [];

  constructor({ maxEnded = MAX_ENDED } = {}) {
    this.#maxEnded = maxEnded;
  }

  /** Blocks in force, held or reported only. */
  get running(): number {
    return this.states.held + this.states.active + this.states['dry-run'];
  }

  /** All blocks, those that are over included. */
  get size(): number {
    return this.#blocks.size;
  }

  /** Blocks that wait to be published. */
  get changes(): number {
    return this.#changed.size + this.#forgotten.length;
  }

  get(target: string, scope: BlockScope): Block | undefined {
    return this.#blocks.get(keyOf(target, scope));
  }

  all(): Iterable<Block> {
    return this.#blocks.values();
  }

  /** Blocks of exactly this target, in any scope. */
  ofTarget(target: string): Block[] {
    const keys = new Set([keyOf(target, { type: 'fleet' }), ...this.#targets.at(target)]);
    return [...keys].flatMap((key) => this.#blocks.get(key) ?? []);
  }

  /** Blocks that an alert is a reason of. */
  ofAlert(alertId: string): Block[] {
    return [...(this.#byAlert.get(alertId) ?? [])].flatMap((key) => this.#blocks.get(key) ?? []);
  }

  /**
   * The block that keeps a target out at this time, on at least one host; `target` is an address or prefix.
   *
   * @param counts whether such a block is one that is asked for
   */
  covering(target: string, nowMs: number, counts: (block: Block) => boolean = () => true): Block | undefined {
    const inForce = (block: Block | undefined) =>
      block && counts(block) && isRunning(block) && block.atMs <= nowMs && nowMs < block.untilMs;
    const exact = this.#blocks.get(keyOf(target, { type: 'fleet' }));
    if (inForce(exact)) return exact;
    for (const key of this.#targets.around(target)) {
      const block = this.#blocks.get(key);
      if (inForce(block)) return block;
    }
    return undefined;
  }

  /** Takes over a record of the topic, at start. */
  restore(block: Block): void {
    for (const reason of block.reasons) if (reason.type === 'alert') this.#share(reason);
    const key = keyOf(block.target, block.scope);
    this.#unindexReasons(key);
    this.#blocks.set(key, block);
    this.#index(block);
    for (const [gone, old] of this.#surplus()) this.#drop(gone, old);
  }

  /** A new offence of this target in this scope: held until `startMs` when that is still to come. */
  start(create: NewBlock, held: boolean): Block {
    const key = keyOf(create.target, create.scope);
    const old = this.#blocks.get(key);
    const block: Block = {
      id: old?.id ?? hash('sha256', key, 'hex').slice(0, 16),
      version: old?.version ?? 0,
      target: create.target,
      scope: create.scope,
      state: held ? 'held' : create.dryRun ? 'dry-run' : 'active',
      atMs: create.startMs,
      untilMs: create.startMs + create.durationMs,
      ...(create.ports && { ports: create.ports }),
      offence: this.offence(create.target, create.scope, create.startMs),
      reasons: [create.reason],
      forgetBeforeMs: old?.forgetBeforeMs ?? 0,
      cutSessions: create.cutSessions,
      except: create.except,
      history: old?.history ?? [],
    };
    this.#unindexReasons(key);
    this.#blocks.set(key, block);
    this.touch(block);
    return block;
  }

  /** Which offence a new one would be: those that people lifted or whose evidence went do not escalate. */
  offence(target: string, scope: BlockScope, nowMs: number, windowMs = MEMORY_MS): number {
    const history = this.get(target, scope)?.history ?? [];
    return 1 + history.filter((past) => hasRunOut(past) && past.untilMs > nowMs - windowMs).length;
  }

  /** Ends an offence; what was in force goes into the history. */
  end(block: Block, state: 'lifted' | 'withdrawn' | 'expired' | 'too-late', nowMs: number): void {
    if (block.state === 'active') {
      const untilMs = Math.min(block.untilMs, nowMs);
      const { atMs, ports } = block;
      block.history = [...block.history, { atMs, untilMs, state, ...(ports && { ports }) }].slice(-MAX_HISTORY);
    }
    block.state = state;
    if (state === 'lifted' || state === 'withdrawn') block.untilMs = Math.min(block.untilMs, nowMs);
    if (state === 'lifted') block.forgetBeforeMs = nowMs;
    this.touch(block);
  }

  /** The minutes of a held block are over. */
  activate(block: Block, state: 'active' | 'dry-run' = 'active'): void {
    block.state = state;
    this.touch(block);
  }

  /** The target of a held block failed again: a success would still forgive it. */
  holdUntil(block: Block, atMs: number): void {
    if (atMs <= block.atMs) return;
    block.untilMs += atMs - block.atMs;
    block.atMs = atMs;
    this.touch(block);
  }

  /** Puts a changed block on the list of what to publish. */
  touch(block: Block): void {
    block.version++;
    this.#changed.set(keyOf(block.target, block.scope), block);
    this.#index(block);
    for (const [key, old] of this.#surplus()) this.#forget(key, old);
  }

  /** To all ports, for these of its reasons. */
  widen(block: Block, reasons: readonly BlockReason[]): void {
    for (const reason of reasons) delete reason.ports;
    if (block.ports === undefined) return;
    delete block.ports;
    this.touch(block);
  }

  /** These reasons are left of others; what asked for all ports may have gone. */
  keepReasons(block: Block, reasons: BlockReason[]): void {
    this.#unindexReasons(keyOf(block.target, block.scope));
    block.reasons = reasons;
    if (reasons.every(({ ports }) => ports === 'web')) block.ports = 'web';
    this.touch(block);
  }

  /** A block that goes on for years forgets its oldest alerts. */
  addReason(block: Block, reason: BlockReason): void {
    block.reasons.push(reason);
    if (block.reasons.length > MAX_REASONS) {
      const oldest = block.reasons.findIndex(({ type }) => type === 'alert');
      for (const gone of block.reasons.splice(Math.max(0, oldest), 1))
        this.#unindex(gone, keyOf(block.target, block.scope));
    }
    this.touch(block);
  }

  /** Another end than it had. */
  endAt(block: Block, untilMs: number): void {
    if (block.untilMs === untilMs) return;
    block.untilMs = untilMs;
    this.touch(block);
  }

  isDue(nowMs: number): boolean {
    const [oldest] = this.#ended;
    const isOld = oldest !== undefined && (this.#blocks.get(oldest) as Block).untilMs + MEMORY_MS <= nowMs;
    return isOld || this.#due.isDue(nowMs);
  }

  /** Held blocks whose time has come, blocks whose time is over; forgets what is older than any escalation. */
  *takeDue(nowMs: number): Generator<Block> {
    for (const key of this.#ended) {
      const block = this.#blocks.get(key) as Block;
      if (block.untilMs + MEMORY_MS > nowMs) break;
      this.#forget(key, block);
    }
    for (let key = this.#due.take(nowMs); key !== undefined; key = this.#due.take(nowMs)) {
      const block = this.#blocks.get(key);
      if (!block) continue;
      if ((block.state === 'held' && block.atMs <= nowMs) || (isRunning(block) && block.untilMs <= nowMs)) yield block;
    }
  }

  takeChanges(): BlockChanges {
    const changes = {
      changed: [...this.#changed.values()].map(copyOf),
      forgotten: this.#forgotten,
    };
    this.#changed = new Map();
    this.#forgotten = [];
    return changes;
  }

  /** As {@link takeChanges}, but the blocks themselves and no copies: for who looks at them at once. */
  lendChanges(): BlockChanges {
    const changes = { changed: [...this.#changed.values()], forgotten: this.#forgotten };
    this.#changed.clear();
    this.#forgotten = [];
    return changes;
  }

  *#surplus(): Generator<[key: string, block: Block]> {
    for (const key of this.#ended) {
      if (this.#ended.size <= this.#maxEnded) return;
      yield [key, this.#blocks.get(key) as Block];
    }
  }

  #forget(key: string, block: Block): void {
    this.#drop(key, block);
    this.#changed.delete(key);
    this.#forgotten.push(block);
  }

  #drop(key: string, block: Block): void {
    this.#unindexReasons(key);
    this.#blocks.delete(key);
    this.#targets.delete(block.target, key);
    this.#ended.delete(key);
    this.#uncount(key);
  }

  /** Before a block has other reasons than it had. */
  #unindexReasons(key: string): void {
    for (const reason of this.#blocks.get(key)?.reasons ?? []) this.#unindex(reason, key);
  }

  #unindex(reason: BlockReason, key: string): void {
    if (reason.type !== 'alert') return;
    const keys = this.#byAlert.get(reason.alertId);
    if (keys?.delete(key) && keys.size === 0) this.#byAlert.delete(reason.alertId);
  }

  #uncount(key: string): void {
    const before = this.#indexed.get(key);
    if (!before) return;
    this.covered -= before.covers;
    this.states[before.state]--;
    this.#indexed.delete(key);
  }

  #share(reason: AlertReason): void {
    const key = `${reason.alertId} ${reason.version}`;
    const shared = this.#shared.get(key);
    if (!shared) {
      this.#shared.set(key, reason);
      if (this.#shared.size > MAX_SHARED) this.#shared.delete(this.#shared.keys().next().value as string);
      return;
    }
    if (isSame(shared.evidence, reason.evidence)) reason.evidence = shared.evidence;
    if (isSame(shared.hosts, reason.hosts)) reason.hosts = shared.hosts;
  }

  #index(block: Block): void {
    const key = keyOf(block.target, block.scope);
    const dueMs = isEnded(block) ? undefined : block.state === 'held' ? block.atMs : block.untilMs;
    if (dueMs !== undefined && dueMs !== this.#indexed.get(key)?.dueMs) this.#due.add(dueMs, key);
    this.#uncount(key);
    const covers = isEnded(block) ? 0 : coverageOf(block.target);
    this.covered += covers;
    this.states[block.state]++;
    this.#indexed.set(key, { state: block.state, dueMs, covers });
    this.#ended.delete(key);
    if (isEnded(block)) this.#ended.add(key);
    for (const reason of block.reasons) {
      if (reason.type !== 'alert') continue;
      const keys = this.#byAlert.get(reason.alertId);
      if (keys) keys.add(key);
      else this.#byAlert.set(reason.alertId, new Set([key]));
    }
    if (block.scope.type !== 'fleet' || block.target.includes('/')) this.#targets.add(block.target, key);
  }
}

interface Indexed {
  state: BlockState;
  /** When it is in the queue; not at all once it is over. */
  dueMs: number | undefined;
  covers: number;
}

/** What goes out stays as it is while the block goes on; evidence never changes. */
function copyOf(block: Block): Block {
  const reasons = block.reasons.map((reason) => ({ ...reason }));
  return { ...block, reasons, except: [...block.except], history: [...block.history] };
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The record key of a block in its topic. */
export function keyOf(target: string, scope: BlockScope): string {
  return `${scopeText(scope)} ${target}`;
}

export function isRunning(block: Block): boolean {
  return block.state === 'active' || block.state === 'dry-run';
}

/** Its time is over, and nobody took it back; whether it was in force or not. */
export function hasRunOut({ state }: Pick<Block, 'state'>): boolean {
  return state === 'expired' || state === 'too-late';
}

/** Neither in force nor held. */
export function isEnded(block: Block): boolean {
  return !isRunning(block) && block.state !== 'held';
}

/** IPv4 addresses, or IPv6 networks of 64 bits (one at least), that a target covers. */
export function coverageOf(target: string): number {
  const { family, prefix } = parseNetwork(target);
  return 2 ** Math.max(0, (family === 4 ? 32 : 64) - prefix);
}
