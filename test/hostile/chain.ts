import { LineReader, type RawLine } from '@fleetwall/collector';
import { type KnownProxies, readYamlFiles } from '@fleetwall/config';
import { type AlertChange, type Block, type FleetEvent, networkText, parseNetwork } from '@fleetwall/core';
import { Counter, loadRules, Matcher, Observer, planRules, type RuleSet } from '@fleetwall/detection';
import { Decider, loadPolicies, type Policy } from '@fleetwall/response';
import { TrustedProxies } from '@fleetwall/sources';
import { BlockPlan } from '../../collector/src/enforcement/block-plan.js';
import { DryRunFirewall } from '../../collector/src/firewalls/dry-run.js';

/** A victim: never extracted, counted or blocked. */
export const V = '192.0.2.66';
/** The real peer. */
export const R = '198.51.100.7';

interface Detections {
  rules: RuleSet;
  policies: Policy[];
}

/** The rules and policies that are shipped. */
export async function shipped(): Promise<Detections> {
  return { rules: loadRules(await readYamlFiles('rules')), policies: loadPolicies(await readYamlFiles('policies')) };
}

/** The lines six times, a second apart: of 07:00:00 each time another second. */
export function sixTimes(...lines: readonly string[]): string[] {
  return Array.from({ length: 6 }, (_, n) => lines.map((line) => line.replaceAll('07:00:00', `07:00:0${n}`))).flat();
}

/** Every stage from a raw line to the host's firewall, as collector and services join them, without buses between. */
export class Chain {
  readonly events: FleetEvent[] = [];
  readonly alerts: AlertChange[] = [];
  nowMs: number;
  readonly reader: LineReader;
  readonly decider: Decider;
  readonly counter: Counter;
  readonly firewall = new DryRunFirewall(() => this.nowMs);
  readonly #matcher: Matcher;
  readonly #observer: Observer;
  readonly #proxies: KnownProxies;
  #lines = 0;

  constructor({ rules, policies }: Detections, nowMs: number, proxies: KnownProxies = { trusted: [], exemptions: [] }) {
    this.nowMs = nowMs;
    this.#proxies = proxies;
    const trustedProxies = new TrustedProxies(proxies.trusted);
    const clock = () => this.nowMs;
    const plans = planRules(rules);
    this.reader = new LineReader({
      agentId: 'agent',
      seed: [1, 2, 3],
      host: 'web-01',
      zone: 'UTC',
      clock,
      trustedProxies,
    });
    this.#matcher = new Matcher(rules.rules);
    this.#observer = new Observer(plans);
    this.counter = new Counter({ plans, seed: [1, 2, 3], maxBytes: 1 << 28 });
    this.decider = new Decider({ policies, exemptions: () => proxies.exemptions });
  }

  /** Reads a line and carries what it gives through all stages; undefined when it gives no event. */
  line(text: string, more: Partial<RawLine> = {}): FleetEvent | undefined {
    const id = `f-${this.#lines++}`;
    const event = this.reader.read({ text, truncated: false, id, stream: 'f', history: false, readMs: 0, ...more });
    if (event) this.event(event);
    return event;
  }

  event(event: FleetEvent): void {
    event['event.ingested'] = this.nowMs;
    this.events.push(event);
    for (const observation of this.#observer.observe(event, this.#matcher.match(event), 'default'))
      this.counter.count(observation);
    this.decide();
  }

  decide(): void {
    for (const change of this.counter.takeChanges()) {
      this.alerts.push(change);
      this.decider.onAlert(change, this.nowMs);
    }
    this.decider.tick(this.nowMs);
  }

  blocks(): Block[] {
    return [...this.decider.book.all()].filter(({ state }) => state === 'active' || state === 'held');
  }

  /** What the firewall of a host holds for the blocks in force. */
  async inForce(): Promise<string[]> {
    const plan = new BlockPlan({ always: this.#proxies.exemptions, sessions: [] });
    plan.reset(this.blocks().filter(({ state }) => state === 'active'));
    const wanted = [...plan.targets()].flatMap((target) => plan.wanted(target, this.nowMs));
    await this.firewall.apply(wanted, []);
    return (await this.firewall.list()).map(({ target }) => target).sort();
  }

  /** Everything that was extracted as an address, counted under one, or blocked. */
  addresses(): Set<string> {
    const found = [
      ...this.events.flatMap((event) => event['source.ip'] ?? []),
      ...this.alerts.flatMap(({ key, contributors }) => [
        ...Object.entries(key).flatMap(([field, value]) => (field === 'source.ip' ? [value] : [])),
        ...contributors.flatMap(({ value }) => addressIn(value)),
      ]),
      ...[...this.decider.book.all()].map(({ target }) => target),
    ];
    return new Set(found);
  }
}

/** A contributor is an address or an account. */
function addressIn(value: string): string[] {
  try {
    return [networkText(parseNetwork(value))];
  } catch {
    return [];
  }
}
