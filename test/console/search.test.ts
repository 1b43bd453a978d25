import type { EventStore, FleetEvent, SearchPage, SearchRequest } from '@fleetwall/core';
import { createMemoryEventStore } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consoleError } from '../../services/console/src/api/errors.js';
import { Events } from '../../services/console/src/events/events.js';
import { Tail } from '../../services/console/src/events/tail.js';
import { ConsoleSite, failedLogon, PASSWORD, type Reply } from './console-site.test-support.js';

const HOSTILE = 'x" OR user.name:*\u202e';
const site = new ConsoleSite();
const cookies = new Map<string, string>();

const get = (path: string, who = 'anna') => site.ask('GET', path, { cookie: cookies.get(who) });
const queryOf = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

beforeAll(async () => {
  await site.start();
  await site.accounts.put('anna', { role: 'viewer', password: PASSWORD });
  await site.accounts.put('boss', { role: 'administrator', password: PASSWORD });
  await site.accounts.put('acme', { role: 'viewer', tenant: 'acme', password: PASSWORD });
  await site.accounts.put('acme-2', { role: 'viewer', tenant: 'acme', password: PASSWORD });
  await site.accounts.put('acme-boss', { role: 'administrator', tenant: 'acme', password: PASSWORD });
  await site.accounts.put('other', { role: 'viewer', tenant: 'other', password: PASSWORD });
  for (const name of ['anna', 'boss', 'acme', 'acme-2', 'acme-boss', 'other'])
    cookies.set(name, await site.cookieOf(name));
  const users = ['root', 'root', 'root', 'Robert', 'admin', HOSTILE];
  await site.store.bulk([
    ...users.map((user, i) => failedLogon(`u-${i}`, { 'user.name': user, 'source.port': 4000 + i })),
    failedLogon('u-old', { 'user.name': 'roland', '@timestamp': Date.now() - 3 * 86_400_000 }),
    failedLogon('u-other', { 'user.name': 'rosa', 'organization.id': 'other' }),
    failedLogon('u-long', { 'user.name': `ro${'x'.repeat(600)}` }),
  ]);
}, 60_000);
afterAll(() => site.stop());

describe('completion', () => {
  it('knows the fields, their types and what they mean', async () => {
    const { body } = await get('/events/fields');
    expect(body.fields[0]).toEqual({ field: 'source.ip', type: 'address', meaning: expect.any(String) });
  });

  it.each([
    ['what is most frequent', { field: 'user.name' }, ['root', 'Robert', 'admin', 'rosa', HOSTILE]],
    ['what begins so, in any case', { field: 'user.name', prefix: 'RO' }, ['root', 'Robert', 'rosa']],
    ['within the query', { field: 'user.name', prefix: 'ro', query: 'user.name:r*t' }, ['root', 'Robert']],
    ['within the range', { field: 'user.name', prefix: 'rol', from: 'now-7d' }, ['roland']],
    ['not beyond it', { field: 'user.name', prefix: 'rol' }, []],
    ['of numbers', { field: 'source.port', prefix: '400' }, ['4000', '4001', '4002', '4003', '4004', '4005']],
    ['of lists', { field: 'event.category', prefix: 'auth' }, ['authentication']],
    ['hostile, as it is', { field: 'user.name', prefix: 'x"' }, [HOSTILE]],
    ['no line, no id', { field: 'event.original', prefix: 'F' }, []],
    ['nothing of a field that nothing has', { field: 'constructor', prefix: 'a' }, []],
  ])('tells %s', async (_, fields, values) => {
    const { status, body } = await get(`/events/values?${queryOf(fields)}`);
    expect([status, body.isNarrowed]).toEqual([200, true]);
    expect(body.values.map(({ value }: { value: string }) => value)).toEqual(values);
  });

  it('is of the tenant alone', async () => {
    const { body } = await get('/events/values?field=user.name&prefix=ro', 'acme');
    expect(body.values).toEqual([
      { value: 'root', count: 3 },
      { value: 'Robert', count: 1 },
    ]);
  });

  it('of a query that cannot be read is of the range, and says so', async () => {
    const { body } = await get(`/events/values?${queryOf({ field: 'user.name', prefix: 'ros', query: 'a:"' })}`);
    expect(body).toMatchObject({ isNarrowed: false, values: [{ value: 'rosa', count: 1 }] });
  });
});

describe('saved searches', () => {
  const search = { query: 'user.name:root', from: 'now-7d', to: 'now', columns: 'user.name' };
  const save = (who: string, body: object) =>
    site.ask('POST', '/searches', { cookie: cookies.get(who), body: { ...search, ...body } });
  const namesOf = async (who: string) =>
    (await get('/searches', who)).body.searches.map(({ name }: { name: string }) => name);

  it('are of a person, or shared within the tenant; what is foreign is not there', async () => {
    const own = await save('acme', { name: 'mine' });
    const shared = await save('acme', { name: 'ours', isShared: true });
    expect([own.status, shared.body]).toEqual([
      201,
      expect.objectContaining({ ...search, owner: 'acme', isShared: true }),
    ]);
    expect(await namesOf('acme')).toEqual(['mine', 'ours']);
    expect(await namesOf('acme-2')).toEqual(['ours']);
    for (const who of ['other', 'anna', 'boss']) expect([who, await namesOf(who)]).toEqual([who, []]);
    const absent = (await get('/searches/none', 'other')).body;
    for (const { body } of [own, shared]) expect((await get(`/searches/${body.id}`, 'other')).body).toEqual(absent);
    expect((await get(`/searches/${own.body.id}`, 'acme-2')).status).toBe(404);
    const remove = (id: string, who: string) => site.ask('DELETE', `/searches/${id}`, { cookie: cookies.get(who) });
    expect((await remove(shared.body.id, 'other')).status).toBe(404);
    expect((await remove(shared.body.id, 'acme-2')).body.code).toBe('FORBIDDEN');
    expect((await remove(shared.body.id, 'acme-boss')).status).toBe(204);
    expect((await remove(own.body.id, 'acme')).status).toBe(204);
    expect(await namesOf('acme')).toEqual([]);
  });

  it('without a name are links: one for the same query, not in the list, for everybody of the tenant', async () => {
    const query = Array.from({ length: 300 }, (_, i) => `user.name:user${i}`).join(' OR ');
    const [first, again] = [await save('acme', { query }), await save('acme-2', { query })];
    expect(again.body.id).toBe(first.body.id);
    expect(await namesOf('acme')).toEqual([]);
    expect((await get(`/searches/${first.body.id}`, 'acme-2')).body.query).toBe(query);
    expect((await get(`/searches/${first.body.id}`, 'other')).status).toBe(404);
  });

  it('leave a record of who saved and removed them', async () => {
    const { body } = await get('/audit?limit=100', 'boss');
    const acts = body.entries.filter(({ what }: { what: string }) => /Search$/.test(what));
    expect(acts).toContainEqual(expect.objectContaining({ who: 'acme-2', what: 'deleteSearch', outcome: 'refused' }));
    expect(acts).toContainEqual(
      expect.objectContaining({ who: 'acme', what: 'saveSearch', about: 'mine', outcome: 'done' }),
    );
  });
});

describe('a page of very long lines', () => {
  it('is shorter, below a megabyte, and nothing is lost over the pages', async () => {
    const line = 'ü'.repeat(60_000);
    await site.store.bulk(
      Array.from({ length: 40 }, (_, i) => failedLogon(`l-${i}`, { 'event.original': line, 'event.action': 'long' })),
    );
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await get(
        `/events?${queryOf({ query: 'event.action:long', limit: '200', ...(cursor ? { cursor } : {}) })}`,
      );
      expect(JSON.stringify(body).length).toBeLessThan(1_000_000);
      ids.push(...body.events.map((event: Record<string, string>) => event['event.id']));
      cursor = body.cursor ?? '';
    } while (cursor !== '');
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });
});

describe('the live tail', () => {
  /** A store whose events come later than they arrived, and a clock that is set. */
  class Site {
    nowMs = Date.now();
    readonly store: EventStore = createMemoryEventStore();
    readonly tail = new Tail(this.store, new Events(this.store, () => this.nowMs), () => this.nowMs);
    readonly seen: string[] = [];
    #cursor: string | undefined;
    isCut = false;
    /** Of the last answer, also what came before. */
    told: string[] = [];

    put(id: string, arrivedAgoMs: number, more: Partial<FleetEvent> = {}) {
      return this.store.bulk([failedLogon(id, { 'event.ingested': this.nowMs - arrivedAgoMs, ...more })]);
    }

    /** What is told of for the first time. */
    async poll(tenant?: string, query = ''): Promise<string[]> {
      this.nowMs += 1_000;
      const caller = { name: 'anna', untilMs: Infinity, ...(tenant === undefined ? {} : { tenant }) };
      const told = await this.tail.after({ query, cursor: this.#cursor }, caller);
      this.#cursor = told.cursor;
      this.isCut = told.isCut;
      this.told = told.events.map((event) => String(event['event.id']));
      const fresh = this.told.filter((id) => !this.seen.includes(id));
      this.seen.push(...fresh);
      return fresh;
    }
  }

  it('begins now, tells of each event, and of the last seconds again, but not for long', async () => {
    const live = new Site();
    await live.put('before', 100);
    expect(await live.poll()).toEqual([]);
    await live.put('a', 0);
    expect((await live.poll()).sort()).toEqual(['a', 'before']);
    expect(await live.poll()).toEqual([]);
    await live.put('b', 0, { '@timestamp': live.nowMs - 3_600_000 });
    expect(await live.poll()).toEqual(['b']);
    expect(live.told).toContain('a');
    for (let i = 0; i < 4; i++) await live.poll();
    expect([live.told, live.seen.length]).toEqual([[], 3]);
  });

  it('tells of what came into the store late, also between others', async () => {
    const live = new Site();
    await live.poll();
    await live.put('a', 0);
    await live.poll();
    await live.put('late', 1_500);
    await live.poll();
    await live.put('very-late', 3_000);
    await live.poll();
    expect(live.seen).toEqual(['a', 'late', 'very-late']);
    expect(await live.poll()).toEqual([]);
  });

  it('is of the query and the tenant alone', async () => {
    const live = new Site();
    await live.poll('acme', 'user.name:root');
    await live.put('mine', 0);
    await live.put('another user', 0, { 'user.name': 'admin' });
    await live.put('foreign', 0, { 'organization.id': 'other' });
    expect(await live.poll('acme', 'user.name:root')).toEqual(['mine']);
  });

  it('says when more came than it tells of', async () => {
    const live = new Site();
    await live.poll();
    await live.store.bulk(
      Array.from({ length: 1_001 }, (_, i) => failedLogon(`m-${i}`, { 'event.ingested': live.nowMs })),
    );
    expect(await live.poll()).toHaveLength(1_000);
    expect(live.isCut).toBe(true);
  });

  it('through the real store and API: what is stored is told of, by any console', async () => {
    const first = await get('/events/tail');
    expect(first.body).toMatchObject({ events: [], isCut: false });
    await site.store.bulk([failedLogon('live-1', { 'event.ingested': Date.now() })]);
    const second = await get(`/events/tail?cursor=${first.body.cursor}`);
    const idsOf = ({ body }: Reply) => body.events.map((event: Record<string, string>) => event['event.id']);
    // Besides what the tests before stored within the last seconds.
    expect(idsOf(second)).toContain('live-1');
    const another = await site.replica(site.options);
    const third = await site.ask('GET', `/events/tail?cursor=${second.body.cursor}`, {
      cookie: cookies.get('anna'),
      base: another,
    });
    // The last seconds come again, whoever asks.
    expect(idsOf(third)).toContain('live-1');
    for (const cursor of [
      'x',
      Buffer.from('[1,"a",{}]').toString('base64url'),
      Buffer.from('[9,1,0]').toString('base64url'),
    ])
      expect((await get(`/events/tail?cursor=${cursor}`)).body.code).toBe('INPUT_INVALID');
  });
});

it('a search that is cancelled is stopped in the store', async () => {
  let signal: AbortSignal | undefined;
  let tell = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const slow: EventStore = Object.assign(Object.create(site.store) as EventStore, {
    search: (request: SearchRequest) =>
      new Promise<SearchPage>((_, reject) => {
        signal = request.signal;
        signal?.addEventListener('abort', () => reject(consoleError('NOT_FOUND', { what: 'page' })));
        tell();
      }),
  });
  const base = await site.replica({ ...site.options, store: slow });
  const client = new AbortController();
  const headers = { cookie: cookies.get('anna') as string };
  const answer = fetch(`${base}/events`, { headers, signal: client.signal });
  await asked;
  expect(signal?.aborted).toBe(false);
  const stopped = new Promise((resolve) => signal?.addEventListener('abort', resolve));
  client.abort();
  await expect(answer).rejects.toThrow('aborted');
  await stopped;
});
