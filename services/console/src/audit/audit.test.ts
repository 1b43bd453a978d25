import { type Bus, TOPICS, topicSpecs } from '@fleetwall/core';
import { createMemoryBus } from '@fleetwall/testkit';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { AuditChain } from './audit-chain.js';
import { auditFilter } from './audit-entry.js';
import { auditExport } from './audit-export.js';
import { AuditLog, type ChainedAct } from './audit-log.js';
import { cefLine } from './cef.js';

const MS = Date.UTC(2026, 10, 22, 14);
const clock = () => MS;
const EVERYTHING = () => true;

let bus: Bus;
let log: AuditLog;
beforeEach(async () => {
  bus = createMemoryBus();
  await bus.declare(topicSpecs(1));
  log = new AuditLog(bus, clock);
});

const act = (what: string, more: object = {}) => ({ who: 'anna', what, outcome: 'done' as const, ...more });

async function write(log: AuditLog, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await log.record(act(`act-${i}`));
}

/** The same records, one changed or left out, as a topic of their own. */
async function copied(change: (record: ChainedAct, at: number) => ChainedAct | undefined): Promise<AuditLog> {
  const records = (await log.read(await log.span())).map(({ record }) => record as ChainedAct);
  const other = createMemoryBus();
  await other.declare(topicSpecs(1));
  for (const [at, record] of records.entries()) {
    const kept = change(structuredClone(record), at);
    if (kept) await other.publish(TOPICS.audit, [{ key: kept.hash, value: Buffer.from(JSON.stringify(kept)) }]);
  }
  return new AuditLog(other, clock);
}

describe('the chain of the audit log', () => {
  it('is intact through several writers, and goes on where it was', async () => {
    const chain = new AuditChain(log, clock);
    await write(log, 3);
    await write(new AuditLog(bus, clock), 2);
    expect(await chain.check()).toEqual({ checkedMs: MS, chained: 5, unchained: 0 });
    await write(log, 1);
    const request = { type: 'unblock', id: 'a', target: '192.0.2.1', by: 'anna', comment: '', atMs: MS };
    const outcome = { type: 'request', request, ok: true, atMs: MS };
    await bus.publish(TOPICS.audit, [{ key: 'a', value: Buffer.from(JSON.stringify(outcome)) }]);
    expect(await chain.check()).toEqual({ checkedMs: MS, chained: 6, unchained: 1 });
  });

  it.each([
    ['a word is changed', (record: ChainedAct) => ({ ...record, who: 'eve' })],
    ['one is left out', () => undefined],
    ['a hash is another', (record: ChainedAct) => ({ ...record, hash: 'f'.repeat(64) })],
  ])('is broken where %s', async (_, change) => {
    await write(log, 5);
    const other = await copied((record, at) => (at === 2 ? change(record) : record));
    const { broken } = await new AuditChain(other, clock).check();
    expect(broken).toBe(2);
  });

  it('is broken where its beginning is missing, unless retention took it', async () => {
    await write(log, 3);
    const other = await copied((record, at) => (at === 0 ? undefined : record));
    expect((await new AuditChain(other, clock).check()).broken).toBe(0);
  });

  it('has a record whose writer was told that it failed', async () => {
    await write(log, 1);
    const { publish } = bus;
    bus.publish = async (...args) => {
      await publish.apply(bus, args);
      throw new Error('no answer');
    };
    await expect(log.record(act('lost'))).rejects.toThrow('no answer');
    bus.publish = publish;
    await write(log, 2);
    expect(await new AuditChain(log, clock).check()).toEqual({ checkedMs: MS, chained: 4, unchained: 0 });
  });
});

describe('pages of the audit log', () => {
  it('find what is asked for through all of it, and go on', async () => {
    for (let i = 0; i < 1_200; i++) await log.record(act(i % 400 === 7 ? 'liftBlock' : 'signIn'));
    const span = await log.span();
    const isWanted = auditFilter({ what: 'liftBlock' });
    const first = await log.page(span, isWanted, 2);
    expect(first.found.map(({ number }) => number)).toEqual([807, 407]);
    const rest = await log.page({ ...span, end: first.next as number }, isWanted, 2);
    expect(rest).toMatchObject({ found: [{ number: 7 }], next: undefined });
    expect((await log.page(span, EVERYTHING, 1_200)).next).toBeUndefined();
  });
});

describe('the export as CEF', () => {
  const HOSTILE = 'a=b|c\\d\r\nCEF:0|x|y|z|1|evil|10|suser=root\u0000\u2028';

  it('escapes what would end a value or a record', () => {
    const line = cefLine({ id: 'a|b', name: 'c\\d\ne', severity: 3, fields: { suser: HOSTILE, none: undefined } });
    expect(line).toBe(
      'CEF:0|Fleetwall|console|1|a\\|b|c\\\\d e|3|' + 'suser=a\\=b|c\\\\d\\r\\nCEF:0|x|y|z|1|evil|10|suser\\=root  \n',
    );
  });

  it('is read again as it was', async () => {
    await log.record(act('liftBlock', { who: HOSTILE, about: '192.0.2.1', from: '2001:db8::1', before: { a: 'x=y' } }));
    const stream = auditExport(log, await log.span(), EVERYTHING, 'cef');
    const lines = Buffer.concat((await stream.toArray()) as Buffer[])
      .toString()
      .split('\n');
    expect(lines).toHaveLength(3);
    const [head = '', extension = ''] = (lines[0] as string).split('|3|');
    expect(head).toBe('CEF:0|Fleetwall|console|1|liftBlock|liftBlock done');
    const fields = fieldsOf(extension);
    expect(fields.get('suser')).toBe('a=b|c\\d\r\nCEF:0|x|y|z|1|evil|10|suser=root  ');
    expect(fields.get('c6a2')).toBe('2001:db8::1');
    expect(fields.get('rt')).toBe(String(MS));
    expect(fields.get('cs3')).toBe('{"a":"x=y"}');
    expect(lines[1]).toBe('CEF:0|Fleetwall|console|1|export-complete|Export complete|0|cnt=1');
  });
});

/** As the format says: a value ends where the next ` key=` begins, and an equals sign within it is escaped. */
function fieldsOf(extension: string): Map<string, string> {
  const unescaped = (text: string) =>
    text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c));
  const pairs = extension.matchAll(/(?:^| )(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)/g);
  return new Map([...pairs].map(([, key = '', value = '']) => [key, unescaped(value)]));
}
