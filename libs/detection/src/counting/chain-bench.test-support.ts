import type { AlertChange, FleetEvent } from '@fleetwall/core';
import { loadRules, Matcher, type RuleSet } from '../sigma/index.js';
import { Counter } from './counter.js';
import type { Observation } from './observation.js';
import { Observer } from './observer.js';
import { planRules } from './plan.js';

/** A plain rule that matches events of an action. */
export const ruleOf = (name: string, action = name, level = 'informational') => `title: ${name}
name: ${name}
taxonomy: ecs
logsource: {category: host}
detection: {s: {event.action: ${action}}, condition: s}
level: ${level}
`;

/** A correlation; what it refers to stays silent. */
export const correlationOf = (name: string, correlation: string) => `title: ${name}
name: ${name}
taxonomy: ecs
correlation: {${correlation}}
level: high
`;

/** An event of the Windows kind: no attempt, no address. */
export function eventOf(action: string, timeMs: number, fields: Partial<FleetEvent> = {}): FleetEvent {
  return {
    '@timestamp': timeMs,
    'event.original': `${action} ${timeMs}`,
    'event.kind': 'event',
    'event.module': 'windows',
    'event.category': ['host'],
    'event.type': ['info'],
    'event.action': action,
    'host.name': 'web-01',
    'process.name': 'x',
    'fleetwall.evidence': 'handshake',
    ...fields,
  };
}

/** Rules at work, from events to alerts. */
export class ChainBench {
  readonly set: RuleSet;
  readonly changes: AlertChange[] = [];
  counter: Counter;
  readonly #matcher: Matcher;
  readonly #observer: Observer;

  constructor(...documents: string[]) {
    this.set = loadRules([{ path: 'r.yml', text: documents.join('---\n') }]);
    this.#matcher = new Matcher(this.set.rules);
    this.#observer = new Observer(planRules(this.set));
    this.counter = this.fresh();
  }

  fresh(): Counter {
    return new Counter({ plans: planRules(this.set), seed: [1, 2, 3], maxBytes: 1 << 26 });
  }

  observe(event: FleetEvent, tenant = 'default'): Observation[] {
    return this.#observer.observe(event, this.#matcher.match(event), tenant);
  }

  /** As the observations come back from a topic. */
  feed(event: FleetEvent, tenant?: string): void {
    for (const observation of JSON.parse(JSON.stringify(this.observe(event, tenant)))) this.counter.count(observation);
    this.take();
  }

  tick(nowMs: number): void {
    this.counter.tick(nowMs);
    this.take();
  }

  /** Goes on with a snapshot of itself. */
  restart(): void {
    const parts = [...this.counter.snapshot()];
    this.counter = this.fresh();
    this.counter.restore(parts);
  }

  /** The last state of each alert, with its contributors and how often each counted. */
  final(rule?: string) {
    this.counter.flush();
    this.take();
    const last = new Map<string, AlertChange & { all: Map<string, number> }>();
    for (const change of this.changes) {
      const all = last.get(change.id)?.all ?? new Map<string, number>();
      for (const { value, count } of change.contributors) all.set(value, count);
      last.set(change.id, { ...change, all });
    }
    return [...last.values()].filter((change) => rule === undefined || change.rule === rule);
  }

  private take(): void {
    this.changes.push(...this.counter.takeChanges());
  }
}
