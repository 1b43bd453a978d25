import { Assembler, type NameMask } from '@fleetwall/assembly';
import type { IngestSource } from '@fleetwall/config';
import { type BusRecord, type Clock, encodeEvent, type FleetEvent } from '@fleetwall/core';
import { BeatsReader, hostNameOf, isUnparsed, JsonRecord, type Unparsed } from '@fleetwall/sources';
import { checkedEvent } from './checked-event.js';
import { eventIdOf } from './event-id.js';

/** Why a record is a dead letter. */
export const REFUSALS = ['too-large', 'not-json', 'unknown-host', 'not-an-event', 'unreadable'] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Outcome = { event: FleetEvent; json: Buffer; stampedOver: number } | Unparsed | Refused;

export interface Refused {
  refusal: Refusal;
  reason: string;
}

/** Brokers refuse records of 1 MiB; a larger one came from a broker set otherwise, and its event would go nowhere. */
const MAX_BYTES = 1_000_000;
/** Logons under way that are remembered for each host. */
const MAX_CONNECTIONS = 2_000;

interface HostReader {
  host: string;
  beats: BeatsReader;
  assembler: Assembler;
}

export interface ReaderOptions {
  clock: Clock;
  /** For the ids of events, see {@link eventIdOf}. */
  idKey: Buffer;
  /** Masks names that may be passwords, before anything is published. */
  names?: NameMask;
}

/**
 * Records of one partition of one shipper to events, in their order. Each host of the shipper has a memory of its own: what
 * one of them writes changes nothing for the others.
 */
export class PartitionReader {
  readonly #source: IngestSource;
  readonly #options: ReaderOptions;
  /** As the configuration spells them, by lower-case name. */
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #readers = new Map<string, HostReader>();
  /** By offset, what was read and is not yet published: a record that comes again must not be assembled again. */
  readonly #unpublished = new Map<number, Outcome>();

  constructor(source: IngestSource, options: ReaderOptions) {
    this.#source = source;
    this.#options = options;
    this.#hosts = new Map(source.hosts.map((host) => [host.toLowerCase(), host]));
  }

  /** Never throws: what cannot be read is refused with its reason. */
  read(record: BusRecord): Outcome {
    const known = this.#unpublished.get(record.offset);
    if (known) return known;
    const outcome = this.#read(record);
    this.#unpublished.set(record.offset, outcome);
    return outcome;
  }

  /** Everything read so far is durable, or is not to be published. */
  published(): void {
    this.#unpublished.clear();
  }

  #read(record: BusRecord): Outcome {
    const { length } = record.value;
    if (length > MAX_BYTES) return refused('too-large', `${length} bytes; at most ${MAX_BYTES} are taken`);
    const json = JsonRecord.read(record.value.toString('utf8'));
    if (!json) return refused('not-json', 'not a JSON object');
    const owner = this.#hostOf(json);
    if ('refusal' in owner) return owner;
    const reader = this.#readerOf(owner.host);
    try {
      return this.#source.format === 'beats'
        ? this.#readBeats(json, record, reader)
        : this.#readEvent(json, record, reader);
    } catch (error) {
      return refused('unreadable', `could not be read: ${(error as Error).message}`);
    }
  }

  /** Whose record it is, else why it is nobody's. */
  #hostOf(json: JsonRecord): { host: string } | Refused {
    const [only] = this.#hosts.values();
    if (only !== undefined && this.#hosts.size === 1) return { host: only };
    const name = hostNameOf(json);
    if (name === undefined) return refused('unknown-host', 'names no host, and the shipper speaks for several');
    const host = this.#hosts.get(name);
    if (host !== undefined) return { host };
    return refused('unknown-host', `host ${JSON.stringify(name.slice(0, 255))} is none of the shipper's`);
  }

  #readerOf(host: string): HostReader {
    let reader = this.#readers.get(host);
    if (!reader) {
      const beats = new BeatsReader({ host, zone: this.#source.zone });
      reader = { host, beats, assembler: new Assembler({ maxConnections: MAX_CONNECTIONS }) };
      this.#readers.set(host, reader);
    }
    return reader;
  }

  #readBeats(json: JsonRecord, record: BusRecord, { host, beats, assembler }: HostReader): Outcome {
    const read = beats.read(json);
    if (read === undefined) return refused('not-an-event', 'no time (@timestamp), or neither message nor winlog');
    if (isUnparsed(read)) return read;
    const masked = this.#masked(read);
    const event = masked['fleetwall.attempt.id'] === undefined ? assembler.assemble(masked) : masked;
    event['event.id'] = eventIdOf(this.#source, host, json, record, this.#options.idKey);
    return this.#stamped(event, host, 0);
  }

  #readEvent(json: JsonRecord, record: BusRecord, { host }: HostReader): Outcome {
    const checked = checkedEvent(json.fields);
    if ('problem' in checked) return refused('not-an-event', checked.problem);
    const { event, stampedOver } = checked;
    event['event.id'] = eventIdOf(this.#source, host, json, record, this.#options.idKey);
    return this.#stamped(this.#masked(event), host, stampedOver);
  }

  /** Unless the sender, a collector, did. */
  #masked(event: FleetEvent): FleetEvent {
    return event['user.hash'] === undefined ? (this.#options.names?.apply(event) ?? event) : event;
  }

  /** Who sent it, by the topic and never by the payload. */
  #stamped(event: FleetEvent, host: string, stampedOver: number): Outcome {
    event['agent.id'] = this.#source.agent;
    event['host.id'] = host;
    event['host.name'] = host;
    event['organization.id'] = this.#source.tenant;
    event['event.ingested'] = this.#options.clock();
    const json = Buffer.from(encodeEvent(event));
    // Bytes that are not UTF-8 take three each as text.
    if (json.length > MAX_BYTES) return refused('too-large', `${json.length} bytes as an event`);
    return { event, json, stampedOver };
  }
}

function refused(refusal: Refusal, reason: string): Refused {
  return { refusal, reason: `${refusal}: ${reason}` };
}
