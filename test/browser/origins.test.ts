import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusLine, mmdbFile } from '@fleetwall/testkit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { labelsOf, NameServer } from '../console/name-server.test-support.js';
import { overflowOf, PHONE } from './browser.js';
import { describeBrowser, Seat } from './seat.test-support.js';

const ATTACKER = '203.0.113.7';
const HOSTILE_NAME = '<img src=x onerror=alert(1)>\u202eelpmaxe';
const LONG = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.');

function network(number: number, name: string, country: string) {
  return {
    ...{ autonomous_system_number: number, autonomous_system_organization: name },
    country: { iso_code: country },
  };
}

function attackLines(): string[] {
  const nowMs = Date.now();
  const failed = (i: number, host: string, address: string) =>
    corpusLine(
      {
        timeMs: nowMs - (600 - i) * 1_000,
        rest: `${host} sshd[${100 + i}]: Failed password for root from ${address} port ${40_000 + i} ssh2`,
      },
      'rfc3164',
    );
  return [
    ...Array.from({ length: 9 }, (_, i) => failed(i, `web-0${1 + (i % 3)}`, ATTACKER)),
    ...Array.from({ length: 3 }, (_, i) => failed(20 + i, 'db-02', '198.51.100.23')),
  ];
}

describeBrowser('where addresses are from', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-origins-'));
  const database = join(directory, 'networks.mmdb');
  const seat = new Seat({
    FLEETWALL_GEO_SHIPPED: 'true',
    FLEETWALL_GEO_DATABASES: database,
    FLEETWALL_GEO_REVERSE_NAMES: 'true',
  });
  let page: Page;
  let origin: string;
  const names = new NameServer((type, name) => {
    if (type !== 'PTR') return name === 'host.example' ? [ATTACKER] : undefined;
    if (!name.startsWith('7.')) return [labelsOf(LONG), labelsOf('xn--80ak6aa92e.example')];
    return [labelsOf('host.example'), labelsOf('bank.example')];
  });

  beforeAll(async () => {
    await names.start();
    seat.standalone.set('FLEETWALL_GEO_RESOLVERS', names.place);
    writeFileSync(
      database,
      mmdbFile([
        ['203.0.113.0/24', network(64_500, 'Example', 'NL')],
        ['198.51.100.0/24', network(64_501, HOSTILE_NAME, 'DE')],
      ]),
    );
    await seat.take(attackLines(), [ATTACKER]);
    ({ page, origin } = seat);
  }, 90_000);

  afterAll(async () => {
    await seat.leave();
    await names.stop();
    rmSync(directory, { recursive: true });
  });

  const look = (name: string) => seat.look(name);

  it('Overview ranks networks and countries, and each figure leads to just its events', async () => {
    const networks = page.getByRole('region', { name: 'Top networks' });
    const figure = networks.getByRole('link', { name: '9 attempts, 3 hosts' });
    await page.goto(`${origin}/overview`);
    await figure.waitFor();
    await networks.getByText('AS64500 Example NL').waitFor();
    // A name that its owner chose is text.
    await networks.getByText('\\u202e').waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await page.getByRole('region', { name: 'Top countries' }).getByText('DE', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'IP Geolocation by DB-IP' }).waitFor();
    await look('origins-overview');
    await figure.click();
    await page.getByText('9 events').first().waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toMatch(/^source\.as\.number:64500 AND /);
    await page.getByRole('button', { name: 'source.geo.country_iso_code' }).click();
    await page.getByRole('button', { name: 'Only source.geo.country_iso_code NL' }).waitFor();
    expect(names.asked).toEqual([]);
  });

  it('an alert, the alerts and the blocks say where an address is from', async () => {
    await page.goto(`${origin}/alerts`);
    await page.getByText('(AS64500, NL)').first().waitFor();
    await page
      .getByRole('link', { name: `${ATTACKER} failed` })
      .first()
      .click();
    await page.getByRole('region', { name: 'Lines' }).waitFor();
    await page.getByText('(AS64500, NL)').first().waitFor();
    await page.goto(`${origin}/blocks`);
    await page.getByText('(AS64500, NL)').first().waitFor();
    expect(names.asked).toEqual([]);
    await look('origins-blocks');
  });

  it('the page of an address names its network and asks for its name, once', async () => {
    await page.goto(`${origin}/addresses/${ATTACKER}`);
    await page.getByText('host.example (confirmed)').waitFor();
    await page.getByText('bank.example (unverified)').waitFor();
    await page.getByRole('link', { name: 'AS64500' }).waitFor();
    await page.getByText('documentation address').waitFor();
    await look('origins-address');
    const before = names.asked.length;
    await page.reload();
    await page.getByText('host.example (confirmed)').waitFor();
    expect(names.asked).toHaveLength(before);
    await page.getByRole('link', { name: 'NL', exact: true }).click();
    await page.getByText('9 events').first().waitFor();
  });

  it('what is written into names breaks no page, not even on a phone', async () => {
    await page.setViewportSize(PHONE);
    await page.goto(`${origin}/addresses/198.51.100.23`);
    await page.getByText('xn--80ak6aa92e.example (unverified)').waitFor();
    await page.getByText(LONG).waitFor();
    await page.getByText('<img src=x').waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await look('origins-phone');
  });
});
