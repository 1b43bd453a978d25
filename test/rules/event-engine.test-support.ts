import { type AlertChange, type Block, decodeEvent, type FleetEvent } from '@fleetwall/core';
import { Counter, Matcher, Observer, planRules } from '@fleetwall/detection';
import { Decider } from '@fleetwall/response';
import { shipped } from '../hostile/chain.js';

/** The last state of an alert, with all its contributors. */
export type FinalAlert = AlertChange & { all: Map<string, number> };

/** Events through the shipped rules and policies, in the order given, by their own clock. */
export class EventEngine {
  readonly #last = new Map<string, FinalAlert>();

  private constructor(
    readonly counter: Counter,
    readonly decider: Decider,
    private readonly matcher: Matcher,
    private readonly observer: Observer,
  ) {}

  static async shipped(): Promise<EventEngine> {
    const { rules, policies } = await shipped();
    const plans = planRules(rules);
    const counter = new Counter({ plans, seed: [1, 2, 3], maxBytes: 1 << 28 });
    const decider = new Decider({ policies, exemptions: () => [] });
    return new EventEngine(counter, decider, new Matcher(rules.rules), new Observer(plans));
  }

  feed(event: FleetEvent): void {
    const tenant = String(event['organization.id'] ?? 'default');
    for (const observation of this.observer.observe(event, this.matcher.match(event), tenant))
      this.counter.count(observation);
    this.#decide(event['event.ingested'] ?? event['@timestamp']);
  }

  alerts(rule?: string): FinalAlert[] {
    this.counter.flush();
    this.#decide(0);
    return [...this.#last.values()].filter((alert) => rule === undefined || alert.rule === rule);
  }

  blocks(): Block[] {
    return [...this.decider.book.all()];
  }

  #decide(nowMs: number): void {
    for (const change of this.counter.takeChanges()) {
      const all = this.#last.get(change.id)?.all ?? new Map<string, number>();
      for (const { value, count } of change.contributors) all.set(value, count);
      this.#last.set(change.id, { ...change, all });
      this.decider.onAlert(change, nowMs);
    }
  }
}

/** One event a line, as the topics have them. */
export function eventsOf(text: string): FleetEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(decodeEvent);
}
