import type { NameMask } from '@fleetwall/assembly';
import {
  type Bus,
  type Clock,
  decodeEvent,
  type Enforcement,
  encodeEvent,
  eventTopicOf,
  type FleetEvent,
  type Follower,
  type OutRecord,
  TOPICS,
} from '@fleetwall/core';
import type { AgentIdentity, EventBatch, Uplink } from '@fleetwall/protocol';
import { BlockBoard, type BlockBoardStats, type BlockSubscriber } from './blocks/block-board.js';

export interface GatewayOptions {
  bus: Bus;
  clock: Clock;
  /** Masks names in events whose sender did not. */
  names?: NameMask;
}

export interface GatewayStats extends BlockBoardStats {
  batches: number;
  events: number;
  /** Fields that a payload set and only the gateway may. */
  stampedOver: number;
  /** Lines that are no event, and events that no bus takes: to the dead letters. */
  undecodable: number;
  tooLarge: number;
}

/** Fields that say who sent an event: only the gateway writes them. */
const STAMPED = ['agent.id', 'host.id', 'organization.id', 'event.ingested'] as const;

/** Brokers refuse larger records. */
const MAX_RECORD_BYTES = 1_000_000;

/** receive -> stamp -> publish -> acknowledge; and the other way: follow blocks -> filter -> hand to collectors. */
export class GatewayPipeline {
  readonly blocks: BlockBoard;
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #names: NameMask | undefined;
  readonly #counts = { batches: 0, events: 0, stampedOver: 0, undecodable: 0, tooLarge: 0 };
  #follower: Follower | undefined;

  constructor({ bus, clock, names }: GatewayOptions) {
    this.#bus = bus;
    this.#clock = clock;
    this.#names = names;
    this.blocks = new BlockBoard(clock);
  }

  get stats(): GatewayStats {
    return { ...this.#counts, ...this.blocks.stats };
  }

  /** Resolves when every block that was there is known: no collector is to connect before. */
  async start(): Promise<void> {
    this.#follower = await this.#bus.follow({
      topic: TOPICS.blocks,
      onRecord: (record) => this.blocks.take(record),
    });
    await this.#follower.caughtUp;
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
  }

  /**
   * Resolves when every event is durable on the bus: only then may the collector forget it. Calls may overlap, and should:
   * the bus packs those that do. One that rejects may have published some of its events, and is to be made again.
   */
  async receive(agent: AgentIdentity, batch: EventBatch): Promise<void> {
    const ingestedMs = this.#clock();
    const byTopic = new Map<string, OutRecord[]>();
    for (const json of batch.events) {
      const { topic, record } = this.#place(agent, json, ingestedMs);
      const records = byTopic.get(topic);
      if (records) records.push(record);
      else byTopic.set(topic, [record]);
    }
    await Promise.all([...byTopic].map(([topic, records]) => this.#bus.publish(topic, records)));
    this.#counts.batches++;
    for (const [topic, records] of byTopic) if (topic !== TOPICS.deadLetter) this.#counts.events += records.length;
  }

  /** What a host did about its blocks, up to a revision of the epoch. */
  async report(agent: AgentIdentity, enforcement: Enforcement, epoch?: string): Promise<void> {
    const value = Buffer.from(JSON.stringify({ ...enforcement, host: agent.host, ...(epoch && { epoch }) }));
    await this.#bus.publish(TOPICS.enforcement, [{ key: agent.host, value }]);
  }

  /** The uplink of a collector in this very process. */
  connect(agent: AgentIdentity): Uplink {
    const unsubscribes: (() => void)[] = [];
    return {
      send: (batch) => this.receive(agent, batch),
      onBlocks: (listener) => {
        const subscriber: BlockSubscriber = {
          onSnapshot: () =>
            listener({ type: 'snapshot', ...this.blocks.position, blocks: this.blocks.desiredOf(agent) }),
          onChange: ({ position, add, remove }) => listener({ type: 'delta', ...position, add, remove }),
        };
        unsubscribes.push(this.blocks.subscribe(agent, subscriber));
      },
      report: (enforcement) => this.report(agent, enforcement, this.blocks.position.epoch),
      close: async () => {
        for (const unsubscribe of unsubscribes.splice(0)) unsubscribe();
      },
    };
  }

  /** One line as it is published, and where. What would fail for ever keeps nothing back. */
  #place(agent: AgentIdentity, json: string, ingestedMs: number): { topic: string; record: OutRecord } {
    const event = decoded(json);
    if (!event) {
      this.#counts.undecodable++;
      return deadLetter(agent, Buffer.from(json), 'it is no event with a time');
    }
    const value = Buffer.from(encodeEvent(this.#stamp(event, agent, ingestedMs)));
    if (value.length > MAX_RECORD_BYTES) {
      this.#counts.tooLarge++;
      return deadLetter(agent, value, `it has ${value.length} bytes`);
    }
    return { topic: eventTopicOf(event), record: { key: agent.host, value } };
  }

  #stamp(event: FleetEvent, agent: AgentIdentity, ingestedMs: number): FleetEvent {
    for (const field of STAMPED) if (event[field] !== undefined) this.#counts.stampedOver++;
    event['agent.id'] = agent.agentId;
    event['host.id'] = agent.host;
    event['organization.id'] = agent.tenant;
    event['event.ingested'] = ingestedMs;
    return event['user.hash'] === undefined ? (this.#names?.apply(event) ?? event) : event;
  }
}

function decoded(json: string): FleetEvent | undefined {
  try {
    const event: unknown = decodeEvent(json);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function deadLetter({ agentId, host }: AgentIdentity, value: Buffer, reason: string) {
  const headers = { agent: agentId, reason };
  return { topic: TOPICS.deadLetter, record: { key: host, value: value.subarray(0, MAX_RECORD_BYTES), headers } };
}

/** What everything behind the gateway relies on: an object with a time. */
function isEvent(value: unknown): value is FleetEvent {
  if (typeof value !== 'object' || value === null) return false;
  return Number.isFinite((value as Partial<FleetEvent>)['@timestamp']);
}
