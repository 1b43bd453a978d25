import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';

const site = new ConsoleSite();
const cookies = new Map<string, string>();
const WHO = 'org=Example&contact=abuse@example.net';

beforeAll(async () => {
  await site.start();
  for (const [name, tenant] of [
    ['anna', undefined],
    ['acme', 'acme'],
    ['other', 'other'],
  ] as const) {
    await site.accounts.put(name, { role: 'analyst', ...(tenant ? { tenant } : {}), password: PASSWORD });
    cookies.set(name, await site.cookieOf(name));
  }
  await site.store.bulk([
    failedLogon('a'),
    failedLogon('b', { 'organization.id': 'other', 'host.name': 'db-09' }),
    failedLogon('c', { 'fleetwall.evidence': 'spoofable' }),
    failedLogon('d', { 'source.ip': '198.51.100.9', 'fleetwall.evidence': 'spoofable' }),
  ]);
}, 60_000);
afterAll(() => site.stop());

const draft = (name: string, address: string, query = WHO) =>
  site.ask('GET', `/addresses/${address}/abuse-report?${query}`, { cookie: cookies.get(name) });

describe('a draft of an abuse report', () => {
  it('tells of what is proven, to a tenant of its own', async () => {
    const whole = await draft('anna', '203.0.113.7');
    expect(whole).toMatchObject({ status: 200, body: { attempts: 2, earlier: [] } });
    const own = await draft('acme', '203.0.113.7', `${WHO}&hosts=true`);
    expect(own.body.attempts).toBe(1);
    const lines = Buffer.from(own.body.report.evidence[0].payload, 'base64').toString();
    expect(lines).toMatch(/^\S+ sshd: logon failed, from 203\.0\.113\.7 on web-01\n$/);
    expect((await draft('anna', '198.51.100.9')).body.code).toBe('NOT_REPORTABLE');
  });

  it('is not of an address that is sheltered, nor of a network', async () => {
    await site.registry.put('allowlist', '203.0.113.7', { reason: 'office', owner: 'anna', createdMs: Date.now() });
    const refused = await draft('acme', '203.0.113.7');
    expect(refused.body.code).toBe('NOT_REPORTABLE');
    expect(refused.body.detail).not.toContain('office');
    await site.registry.delete('allowlist', '203.0.113.7');
    expect((await draft('anna', '203.0.113.0%2F24')).body.code).toBe('INPUT_INVALID');
    expect((await draft('anna', '203.0.113.7', 'org=a&contact=a%0d%0aBcc:b@example.net')).body.code).toBe(
      'INPUT_INVALID',
    );
  });

  it('is one of three a day, of each tenant by itself', async () => {
    for (const earlier of [1, 2]) {
      const { body } = await draft('anna', '203.0.113.7');
      expect(body.earlier).toHaveLength(earlier);
    }
    expect(await draft('anna', '203.0.113.7')).toMatchObject({ status: 429, body: { code: 'ABUSE_REPORT_LIMIT' } });
    expect((await draft('other', '203.0.113.7')).body.earlier).toEqual([]);
  });
});
