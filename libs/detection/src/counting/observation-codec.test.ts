import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Observation, recordKeyOf } from './observation.js';
import { encodeObservations, ObservationDecoder } from './observation-codec.js';

function observation(address: string, ingestedMs: number, rules = ['a', 'b']): Observation {
  const common = { step: 'count', host: 'web-01', tenant: 'default', evidence: 'handshake' } as const;
  const key = `default\x1fhandshake\x1f${address}`;
  return { ...common, rules, key, fields: { 'source.ip': address }, timeMs: ingestedMs, ingestedMs, attemptId: '0' };
}

const some = fc.array(
  fc
    .tuple(
      fc.constantFrom('192.0.2.1', '192.0.2.2'),
      fc.nat({ max: 3_000 }),
      fc.constantFrom<string[]>(['a', 'b'], ['c']),
    )
    .map(([address, atMs, rules]) => observation(address, atMs, rules)),
  { maxLength: 200 },
);

describe('records of observations', () => {
  it('hold every one once, those of a key in their order', () => {
    fc.assert(
      fc.property(some, (observations) => {
        const decoder = new ObservationDecoder();
        const records = encodeObservations(observations);
        for (const { key, value } of records)
          for (const one of decoder.decode(value)) expect(recordKeyOf(one)).toBe(key);
        const decoded = records.flatMap(({ value }) => decoder.decode(value));
        for (const address of ['192.0.2.1', '192.0.2.2']) {
          const of = (list: readonly Observation[]) => list.filter(({ fields }) => fields['source.ip'] === address);
          expect(of(decoded)).toEqual(of(observations));
        }
        expect(decoded).toHaveLength(observations.length);
      }),
    );
  });

  it('are shared by what came within a second, fifty at most', () => {
    const sizes = (observations: Observation[]) =>
      encodeObservations(observations).map(({ value }) => new ObservationDecoder().decode(value).length);
    expect(sizes(Array.from({ length: 120 }, () => observation('192.0.2.1', 5)))).toEqual([50, 50, 20]);
    expect(sizes([0, 1_000, 1_001].map((atMs) => observation('192.0.2.1', atMs)))).toEqual([2, 1]);
  });

  it('give the same list for the same rules', () => {
    const decoder = new ObservationDecoder();
    const [record] = encodeObservations([observation('192.0.2.1', 5), observation('192.0.2.1', 6)]);
    const [first, second] = decoder.decode(record?.value as Buffer);
    expect(first?.rules).toBe(second?.rules);
  });
});
