import {
  type Block,
  type Bus,
  type Clock,
  type DesiredBlock,
  decodeEvent,
  type Enforcement,
  encodeEvent,
  eventTopicOf,
  type FleetEvent,
  type Follower,
  type OutRecord,
  TOPICS,
} from '@fleetwall/core';
import type { AgentIdentity, BlockUpdate, EventBatch, Uplink } from '@fleetwall/protocol';

export interface GatewayOptions {
  bus: Bus;
  clock: Clock;
}

export interface GatewayStats {
  batches: number;
  events: number;
  /** Fields that a payload set and only the gateway may. */
  stampedOver: number;
  undecodable: number;
}

type Listener = { agent: AgentIdentity; listener: (update: BlockUpdate) => void };

/** Fields that say who sent an event: only the gateway writes them. */
const STAMPED = ['agent.id', 'host.id', 'organization.id', 'event.ingested'] as const;

/** receive -> stamp -> publish -> acknowledge; and the other way: follow blocks -> filter -> hand to collectors. */
export class GatewayPipeline {
  readonly stats: GatewayStats = { batches: 0, events: 0, stampedOver: 0, undecodable: 0 };
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #blocks = new Map<string, Block>();
  readonly #listeners = new Set<Listener>();
  #revision = 0;
  #follower: Follower | undefined;

  constructor({ bus, clock }: GatewayOptions) {
    this.#bus = bus;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#follower = await this.#bus.follow({
      topic: TOPICS.blocks,
      onRecord: ({ key, value, offset }) => this.#onBlock(key, value, offset),
    });
    await this.#follower.caughtUp;
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
  }

  /** Resolves when every event is durable on the bus: only then may the collector forget it. */
  async receive(agent: AgentIdentity, batch: EventBatch): Promise<void> {
    const ingestedMs = this.#clock();
    const byTopic = new Map<string, OutRecord[]>();
    for (const json of batch.events) {
      const event = this.#decode(json);
      if (!event) continue;
      const topic = eventTopicOf(event);
      const records = byTopic.get(topic) ?? [];
      records.push({ key: agent.host, value: Buffer.from(encodeEvent(this.#stamp(event, agent, ingestedMs))) });
      byTopic.set(topic, records);
    }
    await Promise.all([...byTopic].map(([topic, records]) => this.#bus.publish(topic, records)));
    this.stats.batches++;
    for (const records of byTopic.values()) this.stats.events += records.length;
  }

  /** The uplink of a collector in this very process. */
  connect(agent: AgentIdentity): Uplink {
    const listeners: Listener[] = [];
    return {
      send: (batch) => this.receive(agent, batch),
      onBlocks: (listener) => {
        const entry = { agent, listener };
        listeners.push(entry);
        this.#listeners.add(entry);
        listener({ type: 'snapshot', revision: this.#revision, blocks: this.#desiredOf(agent) });
      },
      report: (enforcement) => this.#report(agent, enforcement),
      close: async () => {
        for (const entry of listeners) this.#listeners.delete(entry);
      },
    };
  }

  #decode(json: string): FleetEvent | undefined {
    try {
      const event: unknown = decodeEvent(json);
      if (isEvent(event)) return event;
    } catch {
      // Not JSON.
    }
    this.stats.undecodable++;
    return undefined;
  }

  #stamp(event: FleetEvent, agent: AgentIdentity, ingestedMs: number): FleetEvent {
    for (const field of STAMPED) if (event[field] !== undefined) this.stats.stampedOver++;
    event['agent.id'] = agent.agentId;
    event['host.id'] = agent.host;
    event['organization.id'] = agent.tenant;
    event['event.ingested'] = ingestedMs;
    return event;
  }

  #onBlock(key: string, value: Buffer, offset: number): void {
    this.#revision = offset + 1;
    const block = value.length > 0 ? (JSON.parse(value.toString('utf8')) as Block) : undefined;
    const known = block ?? this.#blocks.get(key);
    if (block && isWanted(block, this.#clock())) this.#blocks.set(key, block);
    else this.#blocks.delete(key);
    if (!known) return;
    for (const { agent, listener } of this.#listeners) {
      if (!concerns(known, agent)) continue;
      const wanted = this.#blocks.get(key);
      const change = wanted ? { add: [desired(wanted)], remove: [] } : { add: [], remove: [known.id] };
      listener({ type: 'delta', revision: this.#revision, ...change });
    }
  }

  #desiredOf(agent: AgentIdentity): DesiredBlock[] {
    const nowMs = this.#clock();
    return [...this.#blocks.values()].filter((block) => isWanted(block, nowMs) && concerns(block, agent)).map(desired);
  }

  async #report(agent: AgentIdentity, enforcement: Enforcement): Promise<void> {
    const value = Buffer.from(JSON.stringify({ ...enforcement, host: agent.host }));
    await this.#bus.publish(TOPICS.enforcement, [{ key: agent.host, value }]);
  }
}

function isWanted(block: Block, nowMs: number): boolean {
  return block.state === 'active' && block.untilMs > nowMs;
}

function concerns({ scope }: Block, agent: AgentIdentity): boolean {
  if (scope.type === 'fleet') return true;
  return scope.id === (scope.type === 'host' ? agent.host : agent.tenant);
}

/** Target, expiry and an opaque id: never another customer's reasons. */
function desired({ id, target, untilMs, except, cutSessions }: Block): DesiredBlock {
  return {
    id,
    target,
    untilMs,
    ...(except.length > 0 ? { except } : {}),
    ...(cutSessions ? { cutSessions } : {}),
  };
}

/** What everything behind the gateway relies on: an object with a time. */
function isEvent(value: unknown): value is FleetEvent {
  if (typeof value !== 'object' || value === null) return false;
  return Number.isFinite((value as Partial<FleetEvent>)['@timestamp']);
}
