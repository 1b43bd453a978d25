import { createMemoryRegistry } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { messageOf, withNews } from './message.js';
import { alertNews, blockNews, NOW_MS } from './news.test-support.js';
import { type ChannelState, Outbox } from './outbox.js';

const SUBJECT = '203.0.113.7';
const OTHER = '198.51.100.23';
const about = (id: string, address: string) => alertNews(id, { key: { 'source.ip': address } });

async function outboxWith(news: ReturnType<typeof alertNews | typeof blockNews>[], more: Partial<ChannelState> = {}) {
  const outbox = new Outbox(createMemoryRegistry());
  await outbox.open('mail', { alerts: 0, blocks: 0 }, {});
  await outbox.change('mail', (state) => ({ ...state, pending: withNews(undefined, news, NOW_MS), ...more }));
  return outbox;
}

const keysOf = async (outbox: Outbox) => (await outbox.get('mail'))?.pending?.items.map(({ key }) => key);

it('an erasure takes out what is still to be told about its subject, and nothing else', async () => {
  const underWay = { message: messageOf('mail', withNews(undefined, [about('a1', SUBJECT)], NOW_MS), NOW_MS) };
  const outbox = await outboxWith(
    [about('a2', SUBJECT), about('a3', OTHER), blockNews(SUBJECT), blockNews(OTHER), blockNews('203.0.113.0/24')],
    { sending: { ...underWay, attempt: 2, nextMs: NOW_MS } },
  );
  expect(await outbox.erase({ values: [SUBJECT] })).toBe(3);
  const state = await outbox.get('mail');
  expect(JSON.stringify(state)).not.toContain(SUBJECT);
  expect(state?.sending).toBeUndefined();
  expect(await keysOf(outbox)).toEqual(
    [about('a3', OTHER), blockNews(OTHER), blockNews('203.0.113.0/24')].map((n) => n.key),
  );
  expect(await outbox.erase({ values: [SUBJECT] })).toBe(0);
});

it("an erasure of a network takes out the addresses in it, one within a tenant leaves the others'", async () => {
  const foreign = alertNews('a4', { tenant: 'other' });
  const outbox = await outboxWith([about('a1', SUBJECT), foreign, blockNews(SUBJECT)]);
  expect(await outbox.erase({ values: [SUBJECT], tenant: 'acme' })).toBe(1);
  expect(await keysOf(outbox)).toEqual([foreign.key, blockNews(SUBJECT).key]);
  expect(await outbox.erase({ values: ['203.0.113.0/24'] })).toBe(1);
  expect(await outbox.erase({ tenant: 'other' })).toBe(1);
  expect((await outbox.get('mail'))?.pending).toBeUndefined();
});
