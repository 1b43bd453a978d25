import { canonicalAddress } from '@fleetwall/core';
import { splitCsv } from '../w3c/csv.js';

/** More columns than any protocol log of Exchange has. */
const MAX_COLUMNS = 40;

const SMTP_COLUMNS = [
  'date-time',
  'connector-id',
  'session-id',
  'sequence-number',
  'local-endpoint',
  'remote-endpoint',
  'event',
  'data',
  'context',
];
const MAILBOX_COLUMNS = [
  'datetime',
  'sessionid',
  'seqnumber',
  'sip',
  'cip',
  'user',
  'duration',
  'rqsize',
  'rpsize',
  'command',
  'parameters',
  'context',
];

export type Protocol = 'smtp' | 'mailbox';

const COLUMNS: Readonly<Record<Protocol, readonly string[]>> = { smtp: SMTP_COLUMNS, mailbox: MAILBOX_COLUMNS };

/** What every row of a protocol log begins with, up to the peer's address: nothing of it is the peer's text. */
const STAMP = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,`;
const ENDPOINT = String.raw`(?:[\d.]{7,15}|\[?[\da-fA-F:.]{2,45}(?:%\d{1,10})?\]?):\d{1,5}`;
const STAMPED = new RegExp(STAMP);
const SMTP_ROW = new RegExp(
  `${STAMP}(?:[^",]{1,300}|"[^"]{1,300}"),[\\dA-F]{4,32},\\d{1,10},${ENDPOINT},${ENDPOINT},[-+<>*],`,
);
const MAILBOX_ROW = new RegExp(`${STAMP}[\\dA-F]{4,32},\\d{1,10},${ENDPOINT},${ENDPOINT},`);

/** Whether a row begins there, in whatever order its columns are. */
export function isStamped(raw: string): boolean {
  return STAMPED.test(raw);
}

/** Which protocol's log the row is of, by what stands at fixed places. */
export function protocolOfRow(raw: string): Protocol | undefined {
  if (raw.charCodeAt(10) !== 84 || raw.charCodeAt(23) !== 90) return undefined;
  if (SMTP_ROW.test(raw)) return 'smtp';
  return MAILBOX_ROW.test(raw) ? 'mailbox' : undefined;
}

/** `#Fields: NAME,NAME,…` in the order of this file; undefined when it is of another log. */
export function columnsOfDirective(raw: string): { protocol: Protocol; names: readonly string[] } | undefined {
  const text = /^\uFEFF?#Fields: ?([\w,-]{1,1000})$/.exec(raw)?.[1];
  const names = text?.toLowerCase().split(',') ?? [];
  if (names.length > MAX_COLUMNS) return undefined;
  for (const protocol of ['smtp', 'mailbox'] as const) {
    if (COLUMNS[protocol].every((name) => names.includes(name))) return { protocol, names };
  }
  return undefined;
}

export function defaultColumns(protocol: Protocol): readonly string[] {
  return COLUMNS[protocol];
}

/** The values of a row by name, `''` for what is not there; `open` and undefined as {@link splitCsv} has them. */
export function readRow(raw: string, names: readonly string[]): ReadonlyMap<string, string> | 'open' | undefined {
  const values = splitCsv(raw, MAX_COLUMNS);
  if (values === undefined || values === 'open') return values;
  return values.length < names.length - 1 ? undefined : new Map(names.map((name, i) => [name, values[i] ?? '']));
}

/** `192.0.2.1:25`, `[2001:db8::1]:25`; undefined when it is none. */
export function peerOf(endpoint: string | undefined): { address: string; port: number } | undefined {
  const match = /^(?:([\d.]{7,15})|\[?([\da-fA-F:.]{2,45})(?:%\d{1,10})?\]?):(\d{1,5})$/.exec(endpoint ?? '');
  const address = canonicalAddress(match?.[1] ?? match?.[2] ?? '');
  const port = Number(match?.[3]);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}
