import {
  type AlertChange,
  type Block,
  type BlockPorts,
  type BlockReason,
  type BlockRequest,
  type BlockScope,
  canonicalTarget,
  parseNetwork,
} from '@fleetwall/core';
import { BlockBook, type BlockChanges, coverageOf, isEnded, isRunning } from './block-book.js';
import { Breaker } from './breaker.js';
import { type DenyEntry, denying, isListed } from './deny-entry.js';
import { MAX_BLOCK_MS } from './duration.js';
import { responseError } from './errors.js';
import { matchesPolicy, type Policy } from './policy.js';
import { type Exemption, judge, type RailLimits, shelteredBy, type Verdict } from './rails.js';
import { modeOfBlock, type RuleMode } from './rule-mode.js';

export interface DeciderOptions {
  policies: readonly Policy[];
  /** What must stay reachable, at this time. */
  exemptions: (nowMs: number) => readonly Exemption[];
  /** What people want blocked until they say otherwise, by target. */
  denied?: () => ReadonlyMap<string, DenyEntry>;
  /** Which rules may not block, or not even alert. */
  modeOf?: (rule: string) => RuleMode;
  /** An entry of a list prevented a block that an alert asked for, or stood where one would have been made. */
  onHit?: (hit: ListHit) => void;
  limits?: RailLimits;
  /** `one`: every host belongs to the same owner, so that a host's word counts on all; `host`: on itself alone. */
  tenancy?: 'one' | 'host';
  /** Failures that may still be a mistype, and how long a success would forgive them. */
  allowance?: { failures: number; holdMs: number };
  /** Most blocks beyond itself that one host alone may bring about. */
  hostBudget?: { blocks: number; withinMs: number };
  /** Most IPv4 addresses, and most IPv6 /64s, in force together. */
  maxAddresses?: number;
  /** Most blocks in force or held together, whatever they cover. */
  maxBlocks?: number;
}

export interface ListHit {
  list: 'allow' | 'deny';
  /** Its id in the list. */
  entry: string;
  alertId: string;
  target: string;
}

/** What a target itself did, as far as an alert knows. */
interface Offender {
  target: string;
  count: number;
  lastMs: number;
  /** Those that saw it; undefined where nobody knows. */
  hosts: readonly string[] | undefined;
  /** Absent: not all of what it did was of the web. */
  ports?: BlockPorts;
}

/** The change, the policy that decides, and when. */
interface Case {
  change: AlertChange;
  policy: Policy;
  nowMs: number;
}

export interface DeciderStats {
  /** By reason. */
  refused: Record<string, number>;
  /** Blocks that the breaker of a rule kept to the hosts that saw the attack. */
  breakerOpen: number;
  /** Blocks that one host had said too much for to count beyond itself. */
  overBudget: number;
}

const MINUTE_MS = 60_000;
const DEFAULT_ALLOWANCE = { failures: 2, holdMs: 10 * MINUTE_MS };
const DEFAULT_MAX_ADDRESSES = 2 ** 20;
const DEFAULT_MAX_BLOCKS = 200_000;
const FULL = 'all blocks together cover as many addresses as they may';
const MANY = 'there are as many blocks as there may be';
const NO_HOST = 'the hosts that saw it are not known';
/** More reasons are told as one: some hold what an attacker chose. */
const MAX_REASONS = 50;
export const OTHER_REASONS = 'other reasons';
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
  /** Reasons of restored blocks, whose counts may be older than what was known before the restart. */
  readonly #stale = new WeakSet<BlockReason>();
  readonly #modeOf: (rule: string) => RuleMode;
  #policies: readonly Policy[];

  constructor(options: DeciderOptions) {
    this.#options = options;
    this.#modeOf = options.modeOf ?? (() => 'on');
    this.#policies = options.policies;
    this.#allowance = options.allowance ?? DEFAULT_ALLOWANCE;
  }

  /**
   * Takes over a record of the blocks' topic, at start. The last change of each alert may not have been written whole, so
   * it is taken once more if it comes again.
   */
  restore(block: Block): void {
    this.book.restore(block);
    for (const reason of block.reasons) {
      if (reason.type !== 'alert') continue;
      this.#versions.set(reason.alertId, Math.max(reason.version - 1, this.#versions.get(reason.alertId) ?? 0));
      this.#stale.add(reason);
    }
  }

  setPolicies(policies: readonly Policy[]): void {
    this.#policies = policies;
  }

  onAlert(change: AlertChange, nowMs: number): BlockChanges {
    this.foldAlert(change, nowMs);
    return this.book.takeChanges();
  }

  /** As {@link onAlert}, for who wants to know in the end only: the changes stay in the book. */
  foldAlert(change: AlertChange, nowMs: number): void {
    toEnd(this.deciding(change, nowMs));
  }

  /**
   * As {@link foldAlert}, a target at a time. Who stops midway has to begin anew: what was decided before is not decided
   * twice, and only at the end the change is known as one that was.
   */
  *deciding(change: AlertChange, nowMs: number): Generator<void> {
    if (change.version <= (this.#versions.get(change.id) ?? 0)) return;
    if (change.state === 'withdrawn') {
      for (const block of this.book.ofAlert(change.id)) {
        this.#dropReason(block, change, nowMs);
        yield;
      }
    }
    for (const value of change.cleared) {
      for (const block of this.book.ofTarget(value)) this.#dropReason(block, change, nowMs);
      yield;
    }
    if (change.state === 'open') yield* this.#decide(change, nowMs);
    if (change.state === 'open') this.#versions.set(change.id, change.version);
    else this.#versions.delete(change.id);
  }

  /** Time passes: holds come due, blocks expire. */
  tick(nowMs: number): BlockChanges {
    this.foldTick(nowMs);
    return this.book.takeChanges();
  }

  /** As {@link tick}, for who wants to know in the end only. */
  foldTick(nowMs: number): void {
    toEnd(this.ticking(nowMs));
  }

  /** As {@link foldTick}, a block at a time. */
  *ticking(nowMs: number): Generator<void> {
    for (const block of this.book.takeDue(nowMs)) {
      const mode = modeOfBlock(block, this.#modeOf);
      if (block.state !== 'held') this.book.end(block, 'expired', nowMs);
      else if (block.untilMs <= nowMs) this.book.end(block, 'too-late', nowMs);
      else if (mode === 'off' || !this.#permitted(block.target, block.scope, nowMs))
        this.book.end(block, 'withdrawn', nowMs);
      else this.book.activate(block, mode === 'on' ? 'active' : 'dry-run');
      yield;
    }
  }

  /** After the denylist, the allowlist or the time changed, a step at a time; the changes stay in the book. */
  *denying(nowMs: number): Generator<void> {
    const exceptionsOf = (target: string, scope: BlockScope) => {
      const verdict = this.#admission(target, scope, nowMs);
      return verdict.allowed ? verdict.except : undefined;
    };
    yield* denying(this.#options.denied?.() ?? new Map(), { book: this.book, exceptionsOf }, nowMs);
  }

  /** Why no block of a target would be taken; undefined when it would be. Throws ADDRESS_INVALID. */
  refusal(target: string, scope: BlockScope, nowMs: number): string | undefined {
    const verdict = this.#admission(target, scope, nowMs);
    return verdict.allowed ? undefined : verdict.reason;
  }

  /** Throws BLOCK_REFUSED, DENYLISTED, ADDRESS_INVALID or DURATION_INVALID; nothing is changed then. */
  onRequest(request: BlockRequest, nowMs: number): BlockChanges {
    const target = canonicalTarget(request.target);
    if (request.type === 'unblock') this.#lift(target, nowMs);
    else this.#blockByHand({ ...request, target }, nowMs);
    return this.book.takeChanges();
  }

  /** Looks again at everything in force, after the exemptions changed: what is exempt now is lifted. */
  review(nowMs: number): BlockChanges {
    toEnd(this.reviewing(nowMs));
    return this.book.takeChanges();
  }

  /** As {@link review}, a block at a time; the changes stay in the book. */
  *reviewing(nowMs: number): Generator<void> {
    for (const block of this.book.all()) {
      yield;
      if (isEnded(block)) continue;
      const except = this.#permitted(block.target, block.scope, nowMs);
      if (except === undefined) this.book.end(block, 'lifted', nowMs);
      else if (except.join() !== block.except.join()) {
        block.except = except;
        this.book.touch(block);
      }
    }
  }

  *#decide(change: AlertChange, nowMs: number): Generator<void> {
    if (change.knownGood || change.evidenceClass !== 'handshake') return;
    const mode = this.#modeOf(change.rule);
    const found = this.#policies.find((candidate) => matchesPolicy(candidate, change));
    if (!found || found.block === 'none' || mode === 'off') return;
    const policy = mode === 'dry-run' ? { ...found, dryRun: true } : found;
    const matter = { change, policy, nowMs };
    for (const offender of offendersOf(change, policy)) {
      this.#countListed(offender.target, matter);
      for (const scope of this.#scopesOf(offender, matter)) this.#consider(offender, scope, matter);
      yield;
    }
  }

  /** Where one may not say so for all, each host that saw it is considered by itself. */
  #consider(offender: Offender, scope: BlockScope, matter: Case): void {
    const { change, policy, nowMs } = matter;
    const before = this.book.get(offender.target, scope);
    // What is only reported stands in nobody's way, and adds nothing to what is more.
    if (policy.dryRun && before && before.state !== 'dry-run' && !isEnded(before) && nowMs < before.untilMs) return;
    const block = before?.state === 'dry-run' && !policy.dryRun ? undefined : before;
    const known = block?.reasons.find((reason) => reason.type === 'alert' && reason.alertId === change.id);
    if (known?.type === 'alert' && change.version > known.version && this.#stale.delete(known))
      known.count = Math.max(known.count, offender.count - 1);
    if (block && offender.ports === undefined) this.#widen(block, known, offender, nowMs);
    const fresh = offender.count - (known?.type === 'alert' ? known.count : 0);
    if (block && isRunning(block) && nowMs < block.untilMs) {
      if (known?.type === 'alert') known.count = Math.max(known.count, offender.count);
      else this.book.addReason(block, reasonOf(change, offender));
      return;
    }
    if (before && offender.lastMs <= before.forgetBeforeMs) return;
    const enough = block?.state === 'lifted' ? Math.min(change.threshold, MAX_FRESH_AFTER_LIFT) : 1;
    if (block?.state !== 'held' && fresh < enough) return;
    const held = (block?.state === 'held' ? offender.count : fresh) <= this.#allowance.failures;
    if (block?.state === 'held' && held) {
      this.book.holdUntil(block, offender.lastMs + this.#allowance.holdMs);
      return;
    }
    const isHeldAlready = block?.state === 'held';
    if (scope.type === 'host' || isHeldAlready || this.#mayGoBeyondHosts(matter)) {
      this.#start(offender, scope, matter, held);
    } else {
      for (const host of this.#hostsOf(offender)) this.#consider(offender, host, matter);
    }
  }

  /** A held block keeps no further reasons: that the one it has is no longer the web's alone is remembered there. */
  #widen(block: Block, known: BlockReason | undefined, { lastMs }: Offender, nowMs: number): void {
    const isOn = block.state === 'held' || (isRunning(block) && nowMs < block.untilMs);
    if (!isOn || lastMs <= block.forgetBeforeMs) return;
    this.book.widen(block, known ? [known] : block.state === 'held' ? block.reasons : []);
  }

  #start(offender: Offender, scope: BlockScope, { policy, change, nowMs }: Case, held: boolean): void {
    const { target, lastMs } = offender;
    const except = this.#permitted(target, scope, nowMs);
    if (except === undefined || except.length > 0) this.#countSheltered(target, change, nowMs);
    if (except === undefined) return;
    const full = this.#fullFor(target, scope);
    if (full !== undefined) {
      this.#refuse(full);
      return;
    }
    const beganMs = change.history ? lastMs : nowMs;
    const startMs = held ? lastMs + this.#allowance.holdMs : beganMs;
    const offence = this.book.offence(target, scope, startMs, policy.escalationWindow);
    const durationMs = policy.durations[Math.min(offence, policy.durations.length) - 1] as number;
    const { cutSessions, dryRun } = policy;
    const before = this.book.get(target, scope);
    // A held block that was to close all ports still does.
    const ports = before?.state === 'held' ? before.ports : offender.ports;
    const reason = reasonOf(change, { ...offender, ports });
    const create = { target, scope, reason, startMs, durationMs, except, ports, cutSessions, dryRun };
    const block = this.book.start(create, held && startMs > nowMs && !dryRun);
    if (block.untilMs <= nowMs) this.book.end(block, 'too-late', nowMs);
  }

  /** Not where the breaker is open, or one host alone has said too much. */
  #mayGoBeyondHosts({ policy, change, nowMs }: Case): boolean {
    const { blocks, within } = policy.breaker;
    if (!this.#breaker.admit(`rule ${change.rule} ${change.tenant}`, blocks, within, nowMs)) {
      this.stats.breakerOpen++;
      return false;
    }
    const budget = this.#options.hostBudget ?? DEFAULT_HOST_BUDGET;
    if (
      change.hosts.length !== 1 ||
      this.#breaker.admit(`host ${change.hosts[0]}`, budget.blocks, budget.withinMs, nowMs)
    )
      return true;
    this.stats.overBudget++;
    return false;
  }

  #scopesOf(offender: Offender, { policy, change }: Case): BlockScope[] {
    if (policy.scope === 'host' || this.#options.tenancy === 'host') return this.#hostsOf(offender);
    return policy.scope === 'fleet' ? [{ type: 'fleet' }] : [{ type: 'tenant', id: change.tenant }];
  }

  #hostsOf({ hosts }: Offender): BlockScope[] {
    if (hosts === undefined) this.#refuse(NO_HOST);
    return (hosts ?? []).map((id) => ({ type: 'host', id }));
  }

  /** The exempt parts of the target, or undefined (counted by reason) when it must not be blocked at all. */
  #permitted(target: string, scope: BlockScope, nowMs: number): string[] | undefined {
    const verdict = this.#verdictOn(target, scope, nowMs);
    if (verdict.allowed) return verdict.except;
    this.#refuse(verdict.reason);
    return undefined;
  }

  #verdictOn(target: string, scope: BlockScope, nowMs: number): Verdict {
    return judge(parseNetwork(target), scope.type, this.#options.exemptions(nowMs), this.#options.limits);
  }

  /** As the rails say, where there is room for another block. */
  #admission(target: string, scope: BlockScope, nowMs: number): Verdict {
    const verdict = this.#verdictOn(target, scope, nowMs);
    const full = verdict.allowed ? this.#fullFor(target, scope) : undefined;
    return full === undefined ? verdict : { allowed: false, reason: full };
  }

  #countSheltered(target: string, { id: alertId }: AlertChange, nowMs: number): void {
    const { onHit, exemptions } = this.#options;
    if (!onHit) return;
    for (const entry of shelteredBy(target, exemptions(nowMs))) onHit({ list: 'allow', entry, alertId, target });
  }

  #countListed(target: string, { change, nowMs }: Case): void {
    const { onHit, denied } = this.#options;
    if (!onHit || !denied || denied().size === 0) return;
    const block = this.book.covering(target, nowMs, isListed);
    if (block) onHit({ list: 'deny', entry: block.target, alertId: change.id, target });
  }

  #refuse(reason: string): void {
    const { refused } = this.stats;
    const told = reason in refused || Object.keys(refused).length < MAX_REASONS ? reason : OTHER_REASONS;
    refused[told] = (refused[told] ?? 0) + 1;
  }

  /** All blocks together have a budget, not only each one a width: why there is no room for one more. */
  #fullFor(target: string, scope: BlockScope): string | undefined {
    const { maxAddresses = DEFAULT_MAX_ADDRESSES, maxBlocks = DEFAULT_MAX_BLOCKS } = this.#options;
    const block = this.book.get(target, scope);
    if (block && !isEnded(block)) return undefined;
    if (this.book.running >= maxBlocks) return MANY;
    return this.book.covered + coverageOf(target) > maxAddresses ? FULL : undefined;
  }

  #dropReason(block: Block, change: AlertChange, nowMs: number): void {
    const rest = block.reasons.filter((reason) => reason.type !== 'alert' || reason.alertId !== change.id);
    if (rest.length === block.reasons.length || isEnded(block)) return;
    if (rest.length > 0) this.book.keepReasons(block, rest);
    else this.book.end(block, 'withdrawn', nowMs);
  }

  #lift(target: string, nowMs: number): void {
    const blocks = this.book.ofTarget(target).filter((block) => !isEnded(block));
    if (blocks.length === 0) {
      const wider = this.book.covering(target, nowMs);
      const reason = wider
        ? `it is inside ${wider.target}, which is; lift that, or allow ${target}`
        : 'no block of it is in force';
      throw responseError('NOT_BLOCKED', { target, reason });
    }
    const entry = this.#options.denied?.().get(target);
    if (entry && blocks.some(isListed)) throw responseError('DENYLISTED', { target, reason: entry.reason });
    for (const block of blocks) this.book.end(block, 'lifted', nowMs);
  }

  #blockByHand(request: Extract<BlockRequest, { type: 'block' }>, nowMs: number): void {
    const { target, scope, durationMs, by, comment } = request;
    if (!(durationMs >= 1_000 && durationMs <= MAX_BLOCK_MS))
      throw responseError('DURATION_INVALID', { value: durationMs });
    const verdict = this.#admission(target, scope, nowMs);
    if (!verdict.allowed) throw responseError('BLOCK_REFUSED', { target, reason: verdict.reason });
    const block = this.book.get(target, scope);
    const ports = block?.state === 'held' ? block.ports && request.ports : request.ports;
    const reason: BlockReason = { type: 'person', by, comment, ...(ports && { ports }) };
    if (block?.state !== 'active') {
      const create = { target, scope, reason, startMs: nowMs, durationMs, except: verdict.except, ports };
      this.book.start({ ...create, cutSessions: false, dryRun: false }, false);
      return;
    }
    if (ports === undefined) this.book.widen(block, []);
    const untilMs = nowMs + durationMs;
    block.untilMs = isListed(block) ? Math.max(block.untilMs, untilMs) : untilMs;
    this.book.addReason(block, reason);
  }
}

/** After a person lifted a block, the rule's own threshold of new evidence counts, at most this much. */
const MAX_FRESH_AFTER_LIFT = 20;

function offendersOf(change: AlertChange, policy: Policy): Iterable<Offender> {
  if (policy.block === 'contributors') {
    if (change.valueField !== 'source.ip') return [];
    return contributorsOf(change, policy);
  }
  const target = change.key['source.ip'];
  const { count, lastMs, hosts } = change;
  return target === undefined ? [] : [{ target, count, lastMs, hosts, ports: portsOf(change, policy) }];
}

/** What one host alone tells of, that host saw. */
function* contributorsOf({ contributors, hosts }: AlertChange, policy: Policy): Generator<Offender> {
  const all = hosts.length === 1 ? hosts : undefined;
  for (const contributor of contributors) {
    const { value, count, lastMs, hosts: own = all } = contributor;
    yield { target: value, count, lastMs, hosts: own, ports: portsOf(contributor, policy) };
  }
}

/** Behind the address of an attack on web applications there may be others, who go on with their mail. */
function portsOf({ application }: Pick<AlertChange, 'application'>, { ports }: Policy): BlockPorts | undefined {
  return ports === 'evidence' && application === 'http' ? 'web' : undefined;
}

function reasonOf(change: AlertChange, { count, hosts, ports }: Offender): BlockReason {
  const { id: alertId, version, rule, ruleId, evidence, title } = change;
  const summary = `${title}: ${change.count} on ${change.hosts.length} ${change.hosts.length === 1 ? 'host' : 'hosts'}`;
  const told = { summary, count, hosts: [...(hosts ?? [])], evidence, ...(ports && { ports }) };
  return { type: 'alert', alertId, version, rule, ruleId, ...told };
}

function toEnd(steps: Generator<void>): void {
  for (const _ of steps);
}
