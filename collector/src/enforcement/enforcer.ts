import {
  type Clock,
  type DesiredBlock,
  type Enforcement,
  type Firewall,
  type FirewallCapabilities,
  type FirewallKey,
  type FirewallState,
  FleetwallError,
} from '@fleetwall/core';
import type { BlockUpdate } from '@fleetwall/protocol';
import type { Exemption, RailLimits } from '@fleetwall/response';
import { entryName } from '../firewalls/batch.js';
import type { ArmedMarker } from './armed-marker.js';
import { BlockPlan, type PlanContext } from './block-plan.js';
import type { DesiredBlocks } from './desired-blocks.js';
import { exemptionsOf, type HostFacts } from './host-facts.js';

export interface EnforcerOptions {
  host: string;
  firewall: Firewall;
  marker: ArmedMarker;
  desired: DesiredBlocks;
  clock: Clock;
  readFacts: () => HostFacts;
  limits?: RailLimits;
  /** Besides what this host cannot live without. */
  exemptions?: readonly Exemption[];
  report: (enforcement: Enforcement) => Promise<void>;
  onNotice: (notice: EnforcerNotice) => void;
}

/** Something a person should know. */
export interface EnforcerNotice {
  action: 'firewall-restored' | 'firewall-ineffective' | 'armed' | 'disarmed';
  message: string;
}

export interface EnforcerStatus extends Enforcement {
  state: FirewallState;
  capabilities: FirewallCapabilities;
  /** Who armed it and when. */
  armedBy: string | undefined;
}

interface AppliedEntry {
  target: string;
  untilMs: number;
}

/** A target may have an entry of each. */
const ENTRY_PORTS = [undefined, 'web'] as const;
const CHECK_MS = 1_000;
const FACTS_EVERY_MS = 5_000;
/** A single entry that someone deleted by hand shows within this time; a flushed table or a changed rule at once. */
const FULL_CHECK_MS = 4_000;
const FULL_CHECK_MANY_MS = 60_000;
const MANY_ENTRIES = 5_000;
/** Changes in one batch where the kernel takes no larger one (containers in a user namespace). */
const SMALL_BATCH = 2_000;
const SAVE_AFTER_MS = 200;
const MAX_EXCEPTIONS = 1_000;

/**
 * Holds this host's firewall to what is desired: rails first, then apply, then look again. Nothing is applied unless the
 * host is armed; what someone flushed comes back.
 */
export class Enforcer {
  readonly #options: EnforcerOptions;
  readonly #plan: BlockPlan;
  readonly #capabilities: FirewallCapabilities;
  /** Entries of the firewall by name, each with its end. */
  readonly #applied = new Map<string, AppliedEntry>();
  /** Targets whose place in the firewall may be wrong. */
  #dirty = new Set<string>();
  #facts: HostFacts;
  #factsMs = 0;
  #fullCheckMs = 0;
  #enforcing = false;
  /** Whether the centre has said what is desired since the start. */
  #isTold = false;
  #state: FirewallState = { problems: [], droppedPackets: 0, droppedBytes: 0, entries: 0 };
  #failure: string | undefined;
  #reported = '';
  /** One change of the firewall at a time. */
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #saveTimer: NodeJS.Timeout | undefined;

  static async open(options: EnforcerOptions): Promise<Enforcer> {
    return new Enforcer(options, await options.firewall.capabilities());
  }

  private constructor(options: EnforcerOptions, capabilities: FirewallCapabilities) {
    this.#options = options;
    this.#capabilities = capabilities;
    this.#facts = options.readFacts();
    this.#plan = new BlockPlan(contextOf(options, this.#facts));
  }

  async start(): Promise<void> {
    const { desired } = this.#options;
    await desired.load();
    this.#touch(this.#plan.reset(desired.all()));
    await this.#run(() => this.#check());
    this.#timer = setInterval(() => void this.#run(() => this.#check()), CHECK_MS);
  }

  /** What is in force stays in force. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#saveTimer);
    await this.#work;
    await this.#options.desired.save();
    await this.#options.firewall.close();
  }

  /** Resolves when the firewall holds it (or the failure was told of). */
  update(update: BlockUpdate): Promise<void> {
    const { desired } = this.#options;
    this.#isTold = true;
    desired.update(update);
    if (update.type === 'snapshot') this.#touch(this.#plan.reset(desired.all()));
    else {
      for (const block of update.add) this.#touch(this.#plan.set(block));
      for (const id of update.remove) this.#touch(this.#plan.delete(id));
    }
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined;
      void this.#run(() => desired.save());
    }, SAVE_AFTER_MS);
    return this.#run(() => this.#settle());
  }

  async arm(by: string): Promise<void> {
    this.#options.marker.arm(by, this.#options.clock());
    await this.#run(() => this.#check());
  }

  async disarm(): Promise<void> {
    this.#options.marker.disarm();
    await this.#run(() => this.#check());
  }

  status(): EnforcerStatus {
    const { marker } = this.#options;
    return { ...this.#enforcement(), state: this.#state, capabilities: this.#capabilities, armedBy: marker.describe() };
  }

  /** Whether the firewall was told to keep the target out. */
  holds(target: string): boolean {
    return ENTRY_PORTS.some((ports) => this.#applied.has(entryName(target, ports)));
  }

  /** Why this host would refuse a target, if it would. */
  refusal(target: string): string | undefined {
    const planned = this.#plan.judge({ id: '', target, untilMs: Number.POSITIVE_INFINITY });
    return 'reason' in planned ? planned.reason : undefined;
  }

  async #check(): Promise<void> {
    const nowMs = this.#options.clock();
    await this.#followMarker();
    if (isDue(this.#factsMs, FACTS_EVERY_MS, nowMs)) this.#refreshFacts(nowMs);
    this.#expire(nowMs);
    if (this.#enforcing) await this.#verify(nowMs);
    await this.#settle();
  }

  /** The marker may have been removed by another process: `fleetwall disarm` needs no service. */
  async #followMarker(): Promise<void> {
    const { marker, firewall, onNotice } = this.#options;
    if (marker.armed === this.#enforcing) return;
    this.#enforcing = marker.armed;
    if (!this.#enforcing) await firewall.remove();
    this.#applied.clear();
    this.#touch(this.#plan.targets());
    const message = this.#enforcing ? 'blocks are enforced from now on' : 'all blocks are lifted on this host';
    onNotice({ action: this.#enforcing ? 'armed' : 'disarmed', message });
  }

  #refreshFacts(nowMs: number): void {
    this.#factsMs = nowMs;
    const facts = this.#options.readFacts();
    if (JSON.stringify(facts) === JSON.stringify(this.#facts)) return;
    this.#facts = facts;
    this.#touch(this.#plan.reset(this.#options.desired.all(), contextOf(this.#options, facts)));
  }

  /** Expiry is local and silent: the kernel has dropped these by itself. */
  #expire(nowMs: number): void {
    for (const id of this.#options.desired.expire(nowMs)) this.#touch(this.#plan.delete(id));
    for (const [name, { untilMs }] of this.#applied) if (untilMs <= nowMs) this.#applied.delete(name);
  }

  /**
   * Compares with what the kernel really holds: what is gone is applied again, and what nobody wants goes (from before a
   * restart; over by the clock while the kernel slept). Nothing goes on the word of a file alone, before the centre spoke.
   */
  async #verify(nowMs: number): Promise<void> {
    const { firewall } = this.#options;
    const isUsed = this.#applied.size > 0;
    if (isUsed) this.#state = await firewall.verify();
    const problems = isUsed ? this.#state.problems : [];
    const everyMs = this.#applied.size > MANY_ENTRIES ? FULL_CHECK_MANY_MS : FULL_CHECK_MS;
    const isFullCheck = isDue(this.#fullCheckMs, everyMs, nowMs);
    if (!isFullCheck && problems.length === 0 && (!isUsed || this.#state.entries >= this.#applied.size)) return;
    this.#fullCheckMs = nowMs;
    const listed = problems.length > 0 ? [] : await firewall.list();
    const held = new Map(listed.map(({ target, ports }) => [entryName(target, ports), { target, ports }]));
    this.#restore(held, problems, nowMs);
    if (this.#isTold) for (const [name, key] of held) if (!this.#applied.has(name)) this.#adopt(name, key);
  }

  #restore(held: ReadonlyMap<string, FirewallKey>, problems: readonly string[], nowMs: number): void {
    const lost = [...this.#applied].filter(([name, { untilMs }]) => !held.has(name) && untilMs > nowMs + CHECK_MS);
    if (lost.length === 0) return;
    for (const [name] of lost) this.#applied.delete(name);
    this.#touch(lost.map(([, { target }]) => target));
    const why = problems.join('; ') || 'someone removed entries';
    const message = `${why}; ${lost.length} blocks are applied again`;
    this.#options.onNotice({ action: 'firewall-restored', message });
  }

  /** Counts as applied with an end that is not the wanted one, so that it is renewed or removed. */
  #adopt(name: string, key: FirewallKey): void {
    this.#applied.set(name, { ...key, untilMs: 0 });
    this.#dirty.add(key.target);
  }

  async #settle(): Promise<void> {
    if (this.#enforcing && this.#dirty.size > 0) await this.#apply(this.#options.clock());
    await this.#report();
  }

  async #apply(nowMs: number): Promise<void> {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const add: DesiredBlock[] = [];
    const remove: FirewallKey[] = [];
    for (const target of dirty) {
      const wanted = this.#plan.wanted(target, nowMs);
      for (const ports of ENTRY_PORTS) {
        const block = wanted.find((one) => (one.ports === 'web') === (ports === 'web'));
        const applied = this.#applied.get(entryName(target, ports));
        if (!block && applied) remove.push({ target, ports });
        if (block && applied?.untilMs !== block.untilMs) add.push({ ...block, target, ports });
      }
    }
    if (add.length + remove.length === 0) return;
    try {
      await this.#applyBatch(add, remove);
      for (const { target, ports, untilMs } of add) this.#applied.set(entryName(target, ports), { target, untilMs });
      for (const { target, ports } of remove) this.#applied.delete(entryName(target, ports));
      this.#failure = undefined;
    } catch (error) {
      this.#touch(dirty);
      const message = (error as Error).message;
      if (this.#failure !== message) this.#options.onNotice({ action: 'firewall-ineffective', message });
      this.#failure = message;
    }
  }

  /** In one batch, or in small ones where the kernel takes no larger: then what is wanted comes before the rest goes. */
  async #applyBatch(add: readonly DesiredBlock[], remove: readonly FirewallKey[]): Promise<void> {
    const { firewall } = this.#options;
    try {
      await firewall.apply([...add], [...remove]);
    } catch (error) {
      if (!(error instanceof FleetwallError) || error.code !== 'FIREWALL_BATCH_TOO_LARGE') throw error;
      for (let at = 0; at < add.length; at += SMALL_BATCH) await firewall.apply(add.slice(at, at + SMALL_BATCH), []);
      for (let at = 0; at < remove.length; at += SMALL_BATCH)
        await firewall.apply([], remove.slice(at, at + SMALL_BATCH));
    }
  }

  /** Told to the centre whenever it changed. */
  async #report(): Promise<void> {
    const enforcement = this.#enforcement();
    const text = JSON.stringify({ ...enforcement, atMs: 0 });
    if (text === this.#reported) return;
    this.#reported = text;
    await this.#options.report(enforcement).catch(() => {
      this.#reported = '';
    });
  }

  #enforcement(): Enforcement {
    const { host, marker, desired, clock } = this.#options;
    return {
      host,
      armed: marker.armed,
      firewall: this.#capabilities.name,
      revision: desired.revision,
      inForce: this.#applied.size,
      exceptions: this.#exceptions(),
      atMs: clock(),
    };
  }

  #exceptions(): Enforcement['exceptions'] {
    const exceptions: Enforcement['exceptions'] = this.#plan
      .refusals()
      .slice(0, MAX_EXCEPTIONS)
      .map(([id, { target, reason }]) => ({ id, target, state: 'refused', reason }));
    if (this.#failure === undefined) return exceptions;
    for (const target of this.#dirty) {
      if (exceptions.length >= MAX_EXCEPTIONS) break;
      const [block] = this.#plan.wanted(target, this.#options.clock());
      if (block) exceptions.push({ id: block.id, target, state: 'ineffective', reason: this.#failure });
    }
    return exceptions;
  }

  #touch(targets: Iterable<string>): void {
    for (const target of targets) this.#dirty.add(target);
  }

  #run(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      this.#options.onNotice({ action: 'firewall-ineffective', message: (error as Error).message });
    });
    return this.#work;
  }
}

/** Also when the clock was set back: otherwise nothing would be due until it is where it was. */
function isDue(lastMs: number, everyMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - lastMs) >= everyMs;
}

function contextOf({ exemptions = [], limits }: EnforcerOptions, facts: HostFacts): PlanContext {
  const { always, sessions } = exemptionsOf(facts);
  return { always: [...always, ...exemptions], sessions, limits };
}
