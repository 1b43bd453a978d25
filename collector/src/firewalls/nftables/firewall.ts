import { setImmediate } from 'node:timers/promises';
import {
  type Clock,
  type DesiredBlock,
  type Firewall,
  type FirewallCapabilities,
  type FirewallEntry,
  type FirewallKey,
  type FirewallState,
  FleetwallError,
} from '@fleetwall/core';
import {
  type Batch,
  entryName,
  MAX_TIMEOUT_MS,
  readBatch,
  readEntry,
  type Target,
  type TimedTarget,
} from '../batch.js';
import { firewallError } from '../errors.js';
import { type HeldBlock, isMissing, type KernelTable } from './kernel-table.js';
import { type BlockSet, setOf, USUAL_SETS } from './ruleset.js';

/** Blocks looked up by each `verify`, in turn: all of 100,000 in less than half an hour at one a second. */
const SAMPLES = 64;
const NEEDS =
  'It needs Linux 4.10 or later with the module nf_tables (inet tables, hash sets with timeouts, counters).';
/** From this size on, other work gets its turn between the steps of a change. */
const BULK = 5000;
/** Small enough for processes that may not send much at once; each part that is back is a gain. */
const RESTORED_AT_ONCE = 2000;
/** The kernel ends a block up to a tick early, and counts from when it took the batch. */
const EXPIRY_SLACK_MS = 1000;

interface Entry {
  key: FirewallKey;
  untilMs: number;
}

/**
 * The host's firewall through nf_tables. The kernel holds the blocks and ends them; what was applied is remembered here
 * as well, so that `verify` knows what to look for and whatever someone flushed comes back with the next `apply`, be
 * it an empty one. Nothing is set up before the first `apply`.
 */
export class NftablesFirewall implements Firewall {
  /** What is in force, by name; expired ones are dropped when counted. */
  readonly #entries = new Map<string, Entry>();
  /** Nothing in {@link #entries} ends before. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly #sets = new Set<BlockSet>(USUAL_SETS);
  /** False: set up, and put back what is missing, before the next change. */
  #ready = false;
  /** Whether what was in force before this process is remembered. */
  #adopted = false;
  #closed = false;
  #samples: Iterator<Entry> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly table: KernelTable,
    private readonly clock: Clock = Date.now,
  ) {}

  async capabilities(): Promise<FirewallCapabilities> {
    const can = { name: this.table.name, ipv6: true, networks: true, timeouts: true, counters: true };
    try {
      await this.#inTurn(() => this.table.probe());
      return { ...can, enforces: true };
    } catch (error) {
      const unavailable = error instanceof FleetwallError && error.code === 'FIREWALL_UNAVAILABLE';
      return { ...can, enforces: false, reason: unavailable ? error.message : `${reasonOf(error)} ${NEEDS}` };
    }
  }

  apply(add: DesiredBlock[], remove: (string | FirewallKey)[]): Promise<void> {
    return this.#inTurn(async () => {
      const batch = readBatch(add, remove, this.clock());
      if (batch.add.length + batch.remove.length > BULK) await setImmediate();
      await this.#prepare(batch);
      await this.#change(batch);
      for (const { text, ports } of batch.remove) this.#entries.delete(entryName(text, ports));
      for (const { text, ports, untilMs } of batch.add) this.#remember({ target: text, ports }, untilMs);
    });
  }

  list(): Promise<FirewallEntry[]> {
    return this.#inTurn(async () => [...(await this.#held()).values()]);
  }

  verify(): Promise<FirewallState> {
    return this.#inTurn(async () => {
      try {
        if (!this.#adopted) await this.#held();
        const samples = this.#nextSamples();
        const { missing, ...found } = await this.table.inspect(samples);
        const problems = [...found.problems];
        if (missing.length > 0) {
          problems.push(`${missing.length} of ${samples.length} blocks looked up are missing: ${textOf(missing)}`);
        }
        if (problems.length > 0) this.#ready = false;
        return { ...found, problems, entries: this.#entries.size };
      } catch (error) {
        this.#ready = false;
        return { problems: [reasonOf(error)], droppedPackets: 0, droppedBytes: 0, entries: this.#entries.size };
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue;
    this.table.close();
  }

  remove(): Promise<void> {
    return this.#inTurn(async () => {
      await this.table.remove();
      this.#ready = false;
      this.#entries.clear();
    });
  }

  async #prepare({ add, remove }: Batch): Promise<void> {
    let complete = true;
    for (const targets of [add, remove]) {
      for (const target of targets) {
        const set = setOf(target);
        if (this.#sets.has(set)) continue;
        this.#sets.add(set);
        complete = false;
      }
    }
    if (!this.#ready) await this.#setUp();
    else if (!complete) await this.table.setUp(this.#sets);
  }

  async #change(batch: Batch): Promise<void> {
    try {
      await this.table.change(batch);
    } catch (error) {
      // Somebody deleted what we rely on, or we no longer know what is there.
      this.#ready = false;
      if (!isMissing(error)) throw error;
      await this.#setUp();
      await this.table.change(batch);
    }
  }

  /** Sets up, takes note of what is in force, and puts back what should be. */
  async #setUp(): Promise<void> {
    await this.table.setUp(this.#sets);
    const inForce = await this.#held();
    const nowMs = this.clock();
    const add: TimedTarget[] = [];
    for (const [name, { key, untilMs }] of this.#entries) {
      if (inForce.has(name)) continue;
      add.push({ ...readEntry(key), timeoutMs: Math.max(1, Math.ceil(untilMs - nowMs)), untilMs });
    }
    for (let at = 0; at < add.length; at += RESTORED_AT_ONCE) {
      await this.table.change({ add: add.slice(at, at + RESTORED_AT_ONCE), remove: [] });
    }
    this.#ready = true;
  }

  /** What is in force, by target. What is there from another process or from before a restart is remembered as well. */
  async #held(): Promise<Map<string, HeldBlock>> {
    const held = new Map<string, HeldBlock>();
    const note = (blocks: HeldBlock[]) => {
      for (const block of blocks) held.set(entryName(block.target, block.ports), block);
    };
    note(await this.table.list());
    for (let before = -1; !this.#adopted && before < held.size; ) {
      // Nothing to compare with yet: list until nothing more turns up.
      before = held.size;
      if (before > 0) note(await this.table.list());
    }
    this.#adopted = true;
    this.#forgetExpired();
    const unseen = [...this.#entries].filter(([name]) => !held.has(name));
    if (unseen.length > 0) note(await this.table.lookUp(unseen.map(([, { key }]) => readEntry(key))));
    const nowMs = this.clock();
    for (const [name, { target, ports, remainingMs = MAX_TIMEOUT_MS }] of held) {
      if (!this.#entries.has(name)) this.#remember({ target, ports }, nowMs + remainingMs);
    }
    return held;
  }

  #remember(key: FirewallKey, untilMs: number): void {
    this.#entries.set(entryName(key.target, key.ports), { key, untilMs });
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, untilMs);
  }

  #forgetExpired(): void {
    const nowMs = this.clock();
    if (nowMs < this.#nextExpiryMs) return;
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    for (const [name, { untilMs }] of this.#entries) {
      if (untilMs <= nowMs) this.#entries.delete(name);
      else this.#nextExpiryMs = Math.min(this.#nextExpiryMs, untilMs);
    }
  }

  /** The next few blocks that must be in force, in turn. */
  #nextSamples(): Target[] {
    const samples = new Map<string, Target>();
    this.#forgetExpired();
    const soonMs = this.clock() + EXPIRY_SLACK_MS;
    for (let left = Math.min(SAMPLES, this.#entries.size); left > 0; left--) {
      this.#samples ??= this.#entries.values();
      let next = this.#samples.next();
      if (next.done) {
        this.#samples = this.#entries.values();
        next = this.#samples.next();
      }
      if (next.done) break;
      const { key, untilMs } = next.value;
      if (untilMs > soonMs) samples.set(entryName(key.target, key.ports), readEntry(key));
    }
    return [...samples.values()];
  }

  /** One after another: the kernel's answers to two calls on one socket could not be told apart. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(firewallError('FIREWALL_CLOSED'));
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function textOf(targets: Target[]): string {
  const some = targets.slice(0, 3).map((target) => target.text);
  return targets.length > some.length ? `${some.join(', ')} …` : some.join(', ');
}
