import type { FleetEvent, Query, TimeRange } from '@fleetwall/core';
import fc from 'fast-check';

/** Noon; the events of the domain lie around the midnights before it. */
export const DOMAIN_NOW_MS = Date.UTC(2026, 10, 22, 12);
const MIDNIGHT_MS = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;

/** Few enough that random queries meet random events, odd enough to find what a store gets wrong. */
const TEXTS = [
  'root',
  'Root',
  'ROOT',
  'admin',
  'ADMIN2',
  '',
  ' ',
  '-',
  '22',
  'true',
  'null',
  '*',
  '?',
  'a*b',
  'a?b',
  '%',
  '_',
  'a_b',
  '100%',
  '\\',
  '\\"',
  '"',
  "x' OR 1=1 --",
  'a"}}],"must_not":[',
  '__proto__',
  'é',
  'É',
  'e\u0301',
  'straße',
  'STRASSE',
  '\u212a', // Kelvin sign: its lower case is an ASCII k
  'k',
  'İ',
  'i',
  'ΑΣ',
  'ας',
  '日本',
  '😀',
  '😀b',
  'a\nb',
  'a\tb',
  '\u0000',
  'a\u0000b',
  '\ufeffbom',
  '(a|b)+$',
  '[a-z]',
  '\\x41',
  '$1',
  '["a","b"]',
  '{}',
];

const ADDRESSES = [
  '192.0.2.1',
  '192.0.2.255',
  '198.51.100.7',
  '203.0.113.0',
  '0.0.0.0',
  '255.255.255.255',
  '2001:db8::1',
  '2001:db8::ffff:0:1',
  '2001:db8:1::1',
  'fe80::1',
  '::1',
  '64:ff9b::c000:201',
];

const NETWORKS = [
  '192.0.2.0/24',
  '192.0.2.1',
  '192.0.2.0/31',
  '0.0.0.0/0',
  '128.0.0.0/1',
  '2001:db8::/32',
  '2001:db8::/64',
  '2001:db8::1/128',
  '::/0',
  '::/64',
  '::/97',
  'fe80::/10',
];

const LINES = [
  'Failed password for root from 192.0.2.1 port 22 ssh2',
  'FAILED PASSWORD FOR ADMIN',
  'failed_password for é and É',
  'user=<straße> ΑΣ İstanbul 日本 😀',
  '\ufefffirst line of a file',
  '',
  '***',
  "x' OR 1=1 --",
];

const WORDS = [
  'failed',
  'PASSWORD',
  'root',
  'roo',
  '192.0.2.1',
  '22 port',
  'É',
  'ας',
  'istanbul',
  '日本',
  '😀',
  '',
  '-- 1',
  'first',
];

const PATTERNS = [
  '*',
  '?',
  '??',
  'a*',
  '*b',
  'a?b',
  '*O*T*',
  '?oot',
  '\\*',
  '[a-z]',
  '(a|b)+$',
  '*\n*',
  'k*',
  'É',
  '%',
  'a_b',
  '**',
  '',
];

const text = fc.constantFrom(...TEXTS);
const lists = fc.array(text, { maxLength: 3 });
const numbers = fc.constantFrom(0, 1, 22, 65_535, -1);

/** The fields of the domain by the type of their values. */
const TEXT_FIELDS = ['user.name', 'host.name', 'labels.note', 'event.action'];
const LIST_FIELDS = ['event.category', 'labels.tags'];
const NUMBER_FIELDS = ['source.port', 'labels.number'];
const ADDRESS_FIELDS = ['source.ip', 'host.ip'];
/** Only where a field may have any name, and any type event by event. */
const FREE_FIELDS = [
  '__proto__',
  'constructor',
  '',
  'a/b~1c',
  '~0',
  '$.x',
  '*',
  'q"q',
  "o'o",
  'é',
  'labels.any',
  'x\u0000y',
];

export interface DomainOptions {
  /** Whether fields may have any name, and values of any type event by event. */
  freeFields: boolean;
}

/** A list of events with distinct ids, in no order, around three midnights. */
export function eventsArbitrary({ freeFields }: DomainOptions): fc.Arbitrary<FleetEvent[]> {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
  const fields: Record<string, fc.Arbitrary<FleetEvent[string]>> = {
    '@timestamp': fc
      .tuple(fc.integer({ min: -2, max: 0 }), fc.constantFrom(-1, 0, 1, 1_000, 3_600_000))
      .map(([days, ms]) => MIDNIGHT_MS + days * DAY_MS + ms),
    'event.original': fc.constantFrom(...LINES),
    'event.ingested': optional(fc.constant(DOMAIN_NOW_MS)),
    'source.ip': optional(fc.constantFrom(...ADDRESSES)),
    'host.ip': optional(fc.array(fc.constantFrom(...ADDRESSES), { maxLength: 3 })),
    'labels.flag': optional(fc.boolean()),
    'labels.fraction': optional(fc.constantFrom(0.5, 1.5e-7, 12_345_678.25)),
  };
  for (const field of TEXT_FIELDS) fields[field] = optional(text);
  for (const field of LIST_FIELDS) fields[field] = optional(lists);
  for (const field of NUMBER_FIELDS) fields[field] = optional(numbers);
  const free = fc.dictionary(
    fc.constantFrom(...FREE_FIELDS),
    fc.oneof(text, lists, numbers, fc.boolean(), fc.constantFrom(...ADDRESSES)),
    { maxKeys: freeFields ? 3 : 0 },
  );
  const event = fc.tuple(fc.record(fields), free).map(([own, any]) => {
    const entries = [...Object.entries(own), ...Object.entries(any)].filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries) as FleetEvent;
  });
  return fc
    .array(event, { minLength: 150, maxLength: 200 })
    .chain((events) =>
      fc.shuffledSubarray(idsFor(events.length), { minLength: events.length }).map((ids) => [events, ids] as const),
    )
    .map(([events, ids]) => events.map((event, i) => ({ ...event, 'event.id': ids[i] as string })));
}

/** Ids of different lengths and cases, so that their order matters. */
function idsFor(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${['a', 'B', 'b', 'Z', '0'][i % 5]}${i * 7}`);
}

export function fieldArbitrary({ freeFields }: DomainOptions): fc.Arbitrary<string> {
  const known = [...TEXT_FIELDS, ...LIST_FIELDS, ...NUMBER_FIELDS, ...ADDRESS_FIELDS, 'labels.flag', 'labels.absent'];
  return fc.constantFrom(...known, ...(freeFields ? FREE_FIELDS : []));
}

export function queryArbitrary(options: DomainOptions): fc.Arbitrary<Query> {
  const any = fieldArbitrary(options);
  const free = options.freeFields ? FREE_FIELDS : [];
  const textual = fc.constantFrom(...TEXT_FIELDS, ...LIST_FIELDS, ...free);
  const leaf: fc.Arbitrary<Query> = fc.oneof(
    fc.record({ type: fc.constant('all' as const) }),
    fc.record({ type: fc.constant('term' as const), field: textual, value: text }),
    fc.record({
      type: fc.constant('term' as const),
      field: fc.constantFrom('source.ip'),
      value: fc.constantFrom(...ADDRESSES),
    }),
    fc.record({
      type: fc.constant('term' as const),
      field: fc.constantFrom(...NUMBER_FIELDS, ...free),
      value: numbers,
    }),
    fc.record({
      type: fc.constant('term' as const),
      field: fc.constantFrom('labels.flag', ...free),
      value: fc.boolean(),
    }),
    fc.record({ type: fc.constant('exists' as const), field: any }),
    fc
      .tuple(fc.constantFrom(...NUMBER_FIELDS, 'labels.fraction', ...free), numbers, numbers)
      .map(([field, a, b]): Query => ({ type: 'range', field, gte: a, lte: b })),
    fc.constantFrom<Query[]>(
      { type: 'range', field: 'source.port', gte: 22 },
      { type: 'range', field: 'labels.fraction', lte: 0.5 },
      { type: 'range', field: '@timestamp', gte: MIDNIGHT_MS - DAY_MS, lte: MIDNIGHT_MS },
    ),
    fc.record({
      type: fc.constant('prefix' as const),
      field: textual,
      value: fc.constantFrom('', 'r', 'Ro', 'a', 'é', 'É', 'k', '%', '\\', '😀', "x'"),
    }),
    fc.record({
      type: fc.constant('wildcard' as const),
      field: textual,
      pattern: fc.constantFrom(...PATTERNS, ...TEXTS),
    }),
    fc.record({
      type: fc.constant('cidr' as const),
      field: fc.constantFrom(...ADDRESS_FIELDS),
      network: fc.constantFrom(...NETWORKS),
    }),
    fc.record({ type: fc.constant('text' as const), value: fc.constantFrom(...WORDS) }),
  );
  return fc.letrec<{ query: Query; leaf: Query }>((tie) => ({
    leaf,
    query: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('leaf'),
      fc.record({ type: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('query'), { maxLength: 3 }) }),
      fc.record({ type: fc.constant('not' as const), of: tie('query') }),
    ),
  })).query;
}

export function rangeArbitrary(): fc.Arbitrary<TimeRange> {
  const time = fc
    .constantFrom(-3, -2, -1, 0, 1)
    .chain((days) => fc.constantFrom(0, 1, -1, 1_000).map((ms) => MIDNIGHT_MS + days * DAY_MS + ms));
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant({ fromMs: 0, toMs: DOMAIN_NOW_MS + DAY_MS }) },
    { weight: 3, arbitrary: fc.tuple(time, time).map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) })) },
  );
}
