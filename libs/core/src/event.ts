/**
 * An event: one ECS document with flat dotted keys (https://www.elastic.co/guide/en/ecs/current/).
 *
 * In memory `@timestamp` is milliseconds since 1970 UTC; {@link encodeEvent} writes it as ISO 8601, so every topic,
 * store and command shows what ECS shows. A field that is absent is absent: never null, never an empty string that
 * the program did not write.
 */
export type FieldValue = string | number | boolean | string[] | undefined;

/**
 * How much an event's source address proves.
 * - `handshake`: a TCP logon really happened, so the address was not forged.
 * - `spoofable`: a firewall line, a SYN, UDP: anyone can write any address there.
 * - `unauthenticated`: text that arrived over plain syslog from afar.
 *
 * Only `handshake` evidence blocks by itself.
 */
export type EvidenceClass = 'handshake' | 'spoofable' | 'unauthenticated';

/**
 * What a line says about an attempt to log on.
 * - `attempt`: one try, by itself (`Failed password for …`).
 * - `part`: one of several lines about a try; counts once with the others (`Invalid user …`, `pam_unix(…): authentication failure`).
 * - `summary`: the end of a connection; counts only when nothing before it did (`maximum authentication attempts exceeded …`).
 */
export type AttemptRole = 'attempt' | 'part' | 'summary';

export interface FleetEvent {
  /** Milliseconds since 1970 UTC, by the clock of the host that wrote the line. */
  '@timestamp': number;
  /** The raw line, without its line end, as text; bytes that are not UTF-8 become U+FFFD. */
  'event.original': string;
  'event.kind': 'event';
  'event.module': string;
  'event.category': string[];
  'event.type': string[];
  'event.action': string;
  'event.outcome'?: 'success' | 'failure' | 'unknown';
  'event.id'?: string;
  /** Milliseconds since 1970 UTC, by the clock of the centre; stamped there, never by the sender. */
  'event.ingested'?: number;
  'host.name': string;
  'process.name': string;
  'process.pid'?: number;
  'source.ip'?: string;
  'source.port'?: number;
  'source.domain'?: string;
  /** As it was typed; `~` and the digest where no such account is known to exist. */
  'user.name'?: string;
  /** Keyed digest of the account's name: the same for the same name, masked or not. Given by who keeps the event. */
  'user.hash'?: string;
  'fleetwall.evidence': EvidenceClass;
  'fleetwall.attempt.role'?: AttemptRole;
  /** How many tries this one line tells of (`message repeated 3 times`); absent means 1. */
  'fleetwall.attempt.count'?: number;
  /** 12 hex digits; the same for every line about the same try. Given by the assembler. */
  'fleetwall.attempt.id'?: string;
  /** All ids, when the line tells of several tries. */
  'fleetwall.attempt.ids'?: string[];
  /** The line was there before the collector's first start. */
  'fleetwall.history'?: boolean;
  [field: string]: FieldValue;
}

/** The host that reports, by its credential; where nobody vouches for one (replay), the name in the line. */
export function hostOf(event: FleetEvent): string {
  const id = event['host.id'];
  return typeof id === 'string' ? id : event['host.name'];
}

/** What tells the event's account from others: the digest of its name, or the name where nobody gave one. */
export function accountOf(event: FleetEvent): string | undefined {
  return event['user.hash'] ?? event['user.name'];
}

/** The same for all spellings of an account's digest; see the `AccountDigest` of assembly. */
export function foldedAccount(digest: string): string {
  const dot = digest.indexOf('.');
  return dot < 0 ? digest : digest.slice(0, dot);
}

const DATE_FIELDS = ['@timestamp', 'event.ingested'] as const;

/** One line of JSON, dates as ISO 8601 UTC with milliseconds. */
export function encodeEvent(event: FleetEvent): string {
  const out: Record<string, FieldValue> = { ...event };
  for (const field of DATE_FIELDS) {
    const value = out[field];
    if (typeof value === 'number') out[field] = new Date(value).toISOString();
  }
  return JSON.stringify(out);
}

/** The reverse of {@link encodeEvent}. Throws SyntaxError on what is not JSON; the shape is the writer's promise. */
export function decodeEvent(json: string): FleetEvent {
  const event = JSON.parse(json) as FleetEvent;
  for (const field of DATE_FIELDS) {
    const value = event[field] as unknown;
    if (typeof value === 'string') event[field] = Date.parse(value);
  }
  return event;
}
