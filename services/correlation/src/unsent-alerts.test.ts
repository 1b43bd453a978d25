import type { AlertChange, Contributor } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { UnsentAlerts } from './unsent-alerts.js';

const contributor = (value: string, count = 1): Contributor => ({ value, count, firstMs: 1, lastMs: count });
const changeOf = (id: string, version: number, more: Partial<AlertChange> = {}) =>
  ({
    id,
    version,
    state: 'open',
    history: false,
    count: version,
    contributors: [],
    cleared: [],
    ...more,
  }) as unknown as AlertChange;
const told = (unsent: UnsentAlerts) =>
  unsent.take().map(({ key, value }) => ({ ...(JSON.parse(`${value}`) as AlertChange), recordKey: key }));

describe('alert changes that are still to be published', () => {
  it('become one for each open alert, with the last version and all contributors', () => {
    const unsent = new UnsentAlerts();
    unsent.add(changeOf('a', 1, { contributors: [contributor('x'), contributor('y')] }));
    unsent.add(changeOf('b', 1));
    unsent.add(changeOf('a', 2, { contributors: [contributor('x', 2)] }));
    unsent.add(changeOf('a', 3, { contributors: [contributor('z')] }));
    const changes = told(unsent);
    expect(changes.map(({ recordKey, version, count }) => [recordKey, version, count])).toEqual([
      ['a', 3, 3],
      ['b', 1, 1],
    ]);
    expect(changes[0]?.contributors).toEqual([contributor('x', 2), contributor('y'), contributor('z')]);
    expect(unsent.take()).toEqual([]);
  });

  it('name the hosts of both where a contributor changes twice, and become several where one would be too large', () => {
    const unsent = new UnsentAlerts();
    const at = (value: string, host: string) => ({ ...contributor(value), hosts: [host] });
    unsent.add(changeOf('a', 1, { contributors: [at('x', 'web-1')] }));
    unsent.add(changeOf('a', 2, { contributors: [at('x', 'web-2')] }));
    expect(told(unsent)).toMatchObject([{ version: 2, contributors: [{ value: 'x', hosts: ['web-1', 'web-2'] }] }]);
    for (let version = 1; version <= 5; version++) {
      const contributors = Array.from({ length: 1_000 }, (_, n) => at(`${version}.${n}`, 'web-1'));
      unsent.add(changeOf('a', version, { contributors }));
    }
    const changes = told(unsent);
    expect(changes.length).toBeGreaterThan(1);
    expect(changes.flatMap(({ contributors }) => contributors)).toHaveLength(5_000);
    expect(Math.max(...changes.map((change) => JSON.stringify(change).length))).toBeLessThan(1_000_000);
  });

  it('say of each value what came last: that it contributes, or that it is cleared', () => {
    const unsent = new UnsentAlerts();
    unsent.add(changeOf('a', 1, { contributors: [contributor('x')], cleared: ['y'] }));
    unsent.add(changeOf('a', 2, { contributors: [contributor('y')], cleared: ['x'] }));
    expect(told(unsent)).toMatchObject([{ version: 2, contributors: [{ value: 'y' }], cleared: ['x'] }]);
  });

  it('keep an end, and the past, apart from what is open now', () => {
    const unsent = new UnsentAlerts();
    unsent.add(changeOf('a', 1, { history: true }));
    unsent.add(changeOf('a', 2));
    unsent.add(changeOf('a', 3, { state: 'withdrawn' }));
    unsent.add(changeOf('a', 4));
    expect(told(unsent).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });

  it('go unchanged and first when they could not be published', () => {
    const unsent = new UnsentAlerts();
    unsent.add(changeOf('a', 1));
    const records = unsent.take();
    unsent.add(changeOf('a', 2));
    unsent.putBack(records);
    expect(told(unsent).map(({ version }) => version)).toEqual([1, 2]);
  });
});
