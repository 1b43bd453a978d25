import {
  type AlertChange,
  type Block,
  type BlockReason,
  type BlockRequest,
  type BlockScope,
  canonicalTarget,
  contains,
  parseNetwork,
} from '@fleetwall/core';
import { BlockBook, type BlockChanges, coverageOf, isRunning } from './block-book.js';
import { Breaker } from './breaker.js';
import { MAX_BLOCK_MS } from './duration.js';
import { responseError } from './errors.js';
import { matchesPolicy, type Policy } from './policy.js';
import { type Exemption, judge, type RailLimits } from './rails.js';

export interface DeciderOptions {
  policies: readonly Policy[];
  /** What must stay reachable, at this time. */
  exemptions: (nowMs: number) => readonly Exemption[];
  limits?: RailLimits;
  /** `one`: every host belongs to the same owner, so that a host's word counts on all; `host`: on itself alone. */
  tenancy?: 'one' | 'host';
  /** Failures that may still be a mistype, and how long a success would forgive them. */
  allowance?: { failures: number; holdMs: number };
  /** Most blocks beyond itself that one host alone may bring about. */
  hostBudget?: { blocks: number; withinMs: number };
  /** Most IPv4 addresses, and most IPv6 /64s, in force together. */
  maxAddresses?: number;
}

type AlertReason = Extract<BlockReason, { type: 'alert' }>;

/** What a target itself did, as far as an alert knows. */
interface Offender {
  target: string;
  count: number;
  lastMs: number;
}

export interface DeciderStats {
  refused: Record<string, number>;
  breakerOpen: number;
  overBudget: number;
}

const MINUTE_MS = 60_000;
const DEFAULT_ALLOWANCE = { failures: 2, holdMs: 10 * MINUTE_MS };
const DEFAULT_MAX_ADDRESSES = 2 ** 20;
const FULL = 'all blocks together cover as many addresses as they may';
const DEFAULT_HOST_BUDGET = { blocks: 1_000, withinMs: 60 * MINUTE_MS };

/**
 * From alerts and requests to blocks: the only writer of blocks. Pure: the clock is an argument, and folding its changes
 * gives the same decider again.
 *
 * Nobody is blocked on fresh failures within the allowance: neither a contributor to a distributed attack nor one who
 * comes back after a block, until the minutes in which a success would forgive them are over.
 */
export class Decider {
  readonly book = new BlockBook();
  readonly stats: DeciderStats = { refused: {}, breakerOpen: 0, overBudget: 0 };
  readonly #options: DeciderOptions;
  readonly #allowance: { failures: number; holdMs: number };
  readonly #breaker = new Breaker();
  readonly #versions = new Map<string, number>();
  /** Alerts that can do no more than count, by id: what they ask for is done for as long as the block runs. */
  readonly #settled = new Map<string, { block: Block; reason: AlertReason }>();
  /** Alerts whose counts in restored blocks may be older than what was known before the restart. */
  readonly #stale = new Set<string>();
  #policies: readonly Policy[];

  constructor(options: DeciderOptions) {
    this.#options = options;
    this.#policies = options.policies;
    this.#allowance = options.allowance ?? DEFAULT_ALLOWANCE;
  }

  /** Takes over a record of the blocks' topic, at start. */
  restore(block: Block): void {
    this.book.restore(block);
    for (const reason of block.reasons) {
      if (reason.type !== 'alert') continue;
      this.#versions.set(reason.alertId, Math.max(reason.version, this.#versions.get(reason.alertId) ?? 0));
      this.#stale.add(reason.alertId);
    }
  }

  setPolicies(policies: readonly Policy[]): void {
    this.#settled.clear();
    this.#policies = policies;
  }

  onAlert(change: AlertChange, nowMs: number): BlockChanges {
    this.foldAlert(change, nowMs);
    return this.book.takeChanges();
  }

  /** As {@link onAlert}, for who wants to know in the end only: the changes stay in the book. */
  foldAlert(change: AlertChange, nowMs: number): void {
    if (change.version <= (this.#versions.get(change.id) ?? 0)) return;
    const settled = this.#settled.get(change.id);
    if (settled !== undefined) {
      const { block, reason } = settled;
      if (change.state === 'open' && change.cleared.length === 0 && isRunning(block) && nowMs < block.untilMs) {
        reason.count = Math.max(reason.count, change.count);
        this.#versions.set(change.id, change.version);
        return;
      }
      this.#settled.delete(change.id);
    }
    if (change.state === 'open') this.#versions.set(change.id, change.version);
    else this.#versions.delete(change.id);
    if (change.state === 'withdrawn')
      for (const block of this.book.ofAlert(change.id)) this.#dropReason(block, change, nowMs);
    for (const value of change.cleared) {
      for (const block of this.book.ofAlert(change.id)) {
        if (block.target === value) this.#dropReason(block, change, nowMs);
      }
    }
    if (change.state === 'open') this.#decide(change, nowMs);
    this.#stale.delete(change.id);
  }

  /** Time passes: holds come due, blocks expire. */
  tick(nowMs: number): BlockChanges {
    this.foldTick(nowMs);
    return this.book.takeChanges();
  }

  /** As {@link tick}, for who wants to know in the end only. */
  foldTick(nowMs: number): void {
    for (const block of this.book.takeDue(nowMs)) {
      if (block.state !== 'held' || block.untilMs <= nowMs) this.book.end(block, 'expired', nowMs);
      else if (this.#permitted(block.target, block.scope, nowMs)) this.book.activate(block);
      else this.book.end(block, 'withdrawn', nowMs);
    }
  }

  /** Throws BLOCK_REFUSED, ADDRESS_INVALID or DURATION_INVALID; nothing is changed then. */
  onRequest(request: BlockRequest, nowMs: number): BlockChanges {
    const target = canonicalTarget(request.target);
    if (request.type === 'unblock') this.#lift(target, nowMs);
    else this.#blockByHand({ ...request, target }, nowMs);
    return this.book.takeChanges();
  }

  /** Looks again at everything in force, after the exemptions changed: what is exempt now is lifted. */
  review(nowMs: number): BlockChanges {
    for (const block of this.book.all()) {
      if (!isRunning(block) && block.state !== 'held') continue;
      const except = this.#permitted(block.target, block.scope, nowMs);
      if (except === undefined) this.book.end(block, 'lifted', nowMs);
      else if (except.join() !== block.except.join()) {
        block.except = except;
        this.book.touch(block);
      }
    }
    return this.book.takeChanges();
  }

  #decide(change: AlertChange, nowMs: number): void {
    if (change.knownGood || change.evidenceClass !== 'handshake') return;
    const policy = this.#policies.find((candidate) => matchesPolicy(candidate, change));
    if (!policy || policy.block === 'none') return;
    for (const offender of offendersOf(change, policy)) {
      for (const scope of this.#scopesOf(policy, change)) this.#consider(offender, scope, policy, change, nowMs);
    }
  }

  #consider(offender: Offender, scope: BlockScope, policy: Policy, change: AlertChange, nowMs: number): void {
    const block = this.book.get(offender.target, scope);
    const known = block?.reasons.find((reason) => reason.type === 'alert' && reason.alertId === change.id);
    if (known?.type === 'alert' && this.#stale.has(change.id)) known.count = Math.max(known.count, offender.count - 1);
    const fresh = offender.count - (known?.type === 'alert' ? known.count : 0);
    if (block && isRunning(block) && nowMs < block.untilMs) {
      if (known?.type === 'alert') {
        known.count = Math.max(known.count, offender.count);
        if (policy.block === 'source.ip' && scope.type !== 'host')
          this.#settled.set(change.id, { block, reason: known });
      } else this.book.addReason(block, reasonOf(change, offender.count));
      return;
    }
    if (block && offender.lastMs <= block.forgetBeforeMs) return;
    const enough = block?.state === 'lifted' ? Math.min(change.threshold, MAX_FRESH_AFTER_LIFT) : 1;
    if (block?.state !== 'held' && fresh < enough) return;
    const held = (block?.state === 'held' ? offender.count : fresh) <= this.#allowance.failures;
    if (block?.state === 'held' && held) {
      this.book.holdUntil(block, offender.lastMs + this.#allowance.holdMs);
      return;
    }
    this.#start(offender, scope, policy, change, held, nowMs);
  }

  #start(
    offender: Offender,
    wanted: BlockScope,
    policy: Policy,
    change: AlertChange,
    held: boolean,
    nowMs: number,
  ): void {
    for (const scope of this.#affordable(wanted, policy, change, nowMs)) {
      const except = this.#permitted(offender.target, scope, nowMs);
      if (except === undefined) continue;
      if (!this.#hasRoom(offender.target)) {
        this.#refuse(FULL);
        continue;
      }
      const beganMs = change.history ? offender.lastMs : nowMs;
      const startMs = held ? offender.lastMs + this.#allowance.holdMs : beganMs;
      const offence = this.book.offence(offender.target, scope, startMs, policy.escalationWindow);
      const durationMs = policy.durations[Math.min(offence, policy.durations.length) - 1] as number;
      const { cutSessions, dryRun } = policy;
      const reason = reasonOf(change, offender.count);
      const create = { target: offender.target, scope, reason, startMs, durationMs, except, cutSessions, dryRun };
      const block = this.book.start(create, held && startMs > nowMs && !dryRun);
      if (block.untilMs <= nowMs) this.book.end(block, 'expired', nowMs);
    }
  }

  /** The wanted scope, or the hosts that saw the attack where the breaker is open or one host has said too much. */
  #affordable(scope: BlockScope, policy: Policy, change: AlertChange, nowMs: number): BlockScope[] {
    if (scope.type === 'host') return [scope];
    const hosts = change.hosts.map((id): BlockScope => ({ type: 'host', id }));
    const { blocks, within } = policy.breaker;
    if (!this.#breaker.admit(`rule ${change.rule} ${change.tenant}`, blocks, within, nowMs)) {
      this.stats.breakerOpen++;
      return hosts;
    }
    const budget = this.#options.hostBudget ?? DEFAULT_HOST_BUDGET;
    if (
      change.hosts.length === 1 &&
      !this.#breaker.admit(`host ${change.hosts[0]}`, budget.blocks, budget.withinMs, nowMs)
    ) {
      this.stats.overBudget++;
      return hosts;
    }
    return [scope];
  }

  #scopesOf(policy: Policy, change: AlertChange): BlockScope[] {
    if (policy.scope === 'host' || this.#options.tenancy === 'host')
      return change.hosts.map((id): BlockScope => ({ type: 'host', id }));
    return policy.scope === 'fleet' ? [{ type: 'fleet' }] : [{ type: 'tenant', id: change.tenant }];
  }

  /** The exempt parts of the target, or undefined (counted by reason) when it must not be blocked at all. */
  #permitted(target: string, scope: BlockScope, nowMs: number): string[] | undefined {
    const verdict = judge(parseNetwork(target), scope.type, this.#options.exemptions(nowMs), this.#options.limits);
    if (verdict.allowed) return verdict.except;
    this.#refuse(verdict.reason);
    return undefined;
  }

  #refuse(reason: string): void {
    this.stats.refused[reason] = (this.stats.refused[reason] ?? 0) + 1;
  }

  /** All blocks together have a budget, not only each one a width. */
  #hasRoom(target: string): boolean {
    return this.book.covered + coverageOf(target) <= (this.#options.maxAddresses ?? DEFAULT_MAX_ADDRESSES);
  }

  #dropReason(block: Block, change: AlertChange, nowMs: number): void {
    const rest = block.reasons.filter((reason) => reason.type !== 'alert' || reason.alertId !== change.id);
    if (rest.length === block.reasons.length || (!isRunning(block) && block.state !== 'held')) return;
    block.reasons = rest.length > 0 ? rest : block.reasons;
    if (rest.length > 0) this.book.touch(block);
    else this.book.end(block, 'withdrawn', nowMs);
  }

  #lift(target: string, nowMs: number): void {
    const blocks = this.book.ofTarget(target).filter((block) => isRunning(block) || block.state === 'held');
    if (blocks.length === 0) {
      const network = parseNetwork(target);
      const wider = [...this.book.all()].find((b) => isRunning(b) && contains(parseNetwork(b.target), network));
      const reason = wider
        ? `it is inside ${wider.target}, which is; lift that, or allow ${target}`
        : 'no block of it is in force';
      throw responseError('NOT_BLOCKED', { target, reason });
    }
    for (const block of blocks) this.book.end(block, 'lifted', nowMs);
  }

  #blockByHand(request: Extract<BlockRequest, { type: 'block' }>, nowMs: number): void {
    const { target, scope, durationMs, by, comment } = request;
    if (!(durationMs >= 1_000 && durationMs <= MAX_BLOCK_MS))
      throw responseError('DURATION_INVALID', { value: durationMs });
    const verdict = judge(parseNetwork(target), scope.type, this.#options.exemptions(nowMs), this.#options.limits);
    if (!verdict.allowed) throw responseError('BLOCK_REFUSED', { target, reason: verdict.reason });
    const reason: BlockReason = { type: 'person', by, comment };
    const block = this.book.get(target, scope);
    if (block?.state !== 'active' && !this.#hasRoom(target)) {
      throw responseError('BLOCK_REFUSED', { target, reason: FULL });
    }
    if (block?.state !== 'active') {
      const create = { target, scope, reason, startMs: nowMs, durationMs, except: verdict.except };
      this.book.start({ ...create, cutSessions: false, dryRun: false }, false);
      return;
    }
    block.untilMs = nowMs + durationMs;
    this.book.addReason(block, reason);
  }
}

/** After a person lifted a block, the rule's own threshold of new evidence counts, at most this much. */
const MAX_FRESH_AFTER_LIFT = 20;

function offendersOf(change: AlertChange, policy: Policy): Offender[] {
  if (policy.block === 'contributors') {
    if (change.valueField !== 'source.ip') return [];
    return change.contributors.map(({ value, count, lastMs }) => ({ target: value, count, lastMs }));
  }
  const target = change.key['source.ip'];
  return target === undefined ? [] : [{ target, count: change.count, lastMs: change.lastMs }];
}

function reasonOf(change: AlertChange, count: number): BlockReason {
  const { id: alertId, version, rule, ruleId, hosts, evidence, title } = change;
  const summary = `${title}: ${change.count} on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`;
  return { type: 'alert', alertId, version, rule, ruleId, summary, count, hosts, evidence };
}
