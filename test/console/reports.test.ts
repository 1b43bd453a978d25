import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type NotificationsConfig } from '@fleetwall/config';
import { type AlertChange, type Block, TOPICS } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  headersOf,
  MailSite,
  partsOf,
  smtpAnswer,
} from '../../services/console/src/notifications/channels/mail-site.test-support.js';
import { alertOf, blockOf, reasonOf } from '../../services/console/src/notifications/news.test-support.js';
import { dayOf, startOf } from '../../services/console/src/reports/periods.js';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';

const ZONE = 'Asia/Kathmandu';
const DAY_MS = 86_400_000;
/** Yesterday in the tenant's zone, whose summary is sent. */
const YESTERDAY_MS = startOf(dayOf(Date.now() - DAY_MS, ZONE), ZONE) + 3_600_000;

const site = new ConsoleSite();
let refusals = 1;
const mails = new MailSite({}, () => {
  if (refusals-- > 0) throw smtpAnswer(451, 'greylisted, come again');
});
let admin: string;
let acme: string;

beforeAll(async () => {
  const port = await mails.start();
  await site.start();
  await site.accounts.put('admin', { role: 'administrator', password: PASSWORD });
  await site.accounts.put('acme-admin', { role: 'administrator', tenant: 'acme', password: PASSWORD });
  [admin, acme] = [await site.cookieOf('admin'), await site.cookieOf('acme-admin')];
  await site.replica({ ...site.options, notifications: notificationsOf(port) });
}, 60_000);
afterAll(async () => {
  await site.stop();
  await mails.stop();
});

/** As an operator writes it. */
function notificationsOf(port: number): NotificationsConfig | undefined {
  const home = mkdtempSync(join(tmpdir(), 'fleetwall-reports-'));
  const channel = `{ type: mail, to: [ops@example.org], kinds: [alert, block], summaryHour: 0, zone: ${ZONE}`;
  writeFileSync(
    join(home, 'fleetwall.yml'),
    `notifications:
  consoleUrl: https://fleetwall.example/
  smtp: { host: 127.0.0.1, port: ${port}, security: none, from: fleetwall@example.net }
  channels:
    - ${channel}, name: operators, windowSeconds: 0 }
    - ${channel}, name: acme, tenant: acme, level: critical, summaries: [daily, weekly] }
`,
  );
  const { config } = loadConfig({ FLEETWALL_HOME: home }, home);
  rmSync(home, { recursive: true });
  return config.notifications;
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const mailAbout = (subject: string) =>
  until(() => mails.mails.find(({ raw }) => headersOf(raw).get('subject')?.includes(subject)));

function alertAt(id: string, tenant: string, timeMs: number): AlertChange {
  return alertOf(id, { tenant, title: '=Slow grind', firstMs: timeMs, lastMs: timeMs, firedMs: timeMs });
}

function blockAt(target: string, alertId: string, atMs: number): Block {
  const scope = { type: 'tenant', id: 'acme' } as const;
  return blockOf(target, { scope, atMs, untilMs: atMs + 3_600_000, reasons: [reasonOf(alertId)] });
}

describe('mail of a block', () => {
  it('is one click from the evidence, although the server took it only the second time; the proof is in the audit log', async () => {
    const value = Buffer.from(JSON.stringify(alertAt('alert-1', 'acme', Date.now())));
    await site.bus.publish(TOPICS.alerts, [{ key: 'alert-1', value }]);
    await site.putBlock(blockAt('203.0.113.7', 'alert-1', Date.now()));
    const mail = await until(() => mails.mails.find(({ raw }) => raw.includes('Blocked 203.0.113.7')));
    expect(mail.to).toEqual(['ops@example.org']);
    const [text] = partsOf(mail.raw);
    expect(text?.text).toContain('Evidence: https://fleetwall.example/alerts/alert-1');
    const proof = await until(async () => {
      const { body } = await site.ask('GET', '/audit', { cookie: admin });
      const told = body.entries.filter(({ what }: { what: string }) => what === 'notify');
      const outcomes = told.map(({ after }: { after: { delivery: string } }) => after.delivery);
      return outcomes.includes('delivered') && outcomes.includes('retried') ? told : undefined;
    });
    expect(proof[0]).toMatchObject({ who: 'fleetwall', about: 'operators', outcome: 'done' });
    expect(proof[0].after.response).toMatch(/^250 .*queued as/);
    expect(proof.at(-1).after.response).toContain('451 greylisted');
  }, 60_000);
});

describe('the page of reports', () => {
  it('shows an administrator the channels of the tenant, and sends a test', async () => {
    const all = await site.ask('GET', '/reports/channels', { cookie: admin });
    expect(all.body.channels.map(({ name }: { name: string }) => name)).toEqual(['operators', 'acme']);
    const own = await site.ask('GET', '/reports/channels', { cookie: acme });
    expect(own.body.channels).toMatchObject([
      { name: 'acme', to: ['ops@example.org'], summaries: [{ period: 'daily' }, { period: 'weekly' }] },
    ]);
    expect((await site.ask('POST', '/reports/channels/operators/test', { cookie: acme })).status).toBe(404);
    const { status, body } = await site.ask('POST', '/reports/channels/acme/test', { cookie: acme });
    expect(status).toBe(200);
    await mailAbout('test');
    const delivered = await until(async () => {
      const { body: now } = await site.ask('GET', '/reports/channels', { cookie: acme });
      return now.channels[0].deliveries.find(({ key }: { key: string }) => key === body.key);
    });
    expect(delivered).toMatchObject({ type: 'test', outcome: 'delivered', attempt: 1 });
  }, 60_000);
});

describe('a summary', () => {
  it('says what the API answers for the same range and tenant, and no cell of its file is a formula', async () => {
    const times = [YESTERDAY_MS - 3_600_001, YESTERDAY_MS, YESTERDAY_MS + 1_000, YESTERDAY_MS + DAY_MS];
    const events = times.flatMap((timeMs, i) => [
      failedLogon(`acme-${i}`, { '@timestamp': timeMs }),
      failedLogon(`other-${i}`, { '@timestamp': timeMs, 'organization.id': 'other' }),
    ]);
    await site.store.bulk([
      ...events,
      failedLogon('part', { '@timestamp': times[1] as number, 'fleetwall.attempt.role': 'part' }),
    ]);
    await site.decisions.putAlerts([
      alertAt('alert-2', 'acme', YESTERDAY_MS),
      alertAt('alert-3', 'other', YESTERDAY_MS),
    ]);
    await site.decisions.putBlocks([blockAt('203.0.113.8', 'alert-2', YESTERDAY_MS)]);
    const day = dayOf(YESTERDAY_MS, ZONE);
    await site.ask('POST', '/reports/channels/acme/summaries/daily', { cookie: acme });
    const mail = await mailAbout(`summary of ${day}`);
    const [text, html, csv] = partsOf(mail.raw);
    const from = new Date(startOf(day, ZONE)).toISOString();
    const to = new Date(startOf(day, ZONE) + DAY_MS - 1).toISOString();
    const asked = (path: string) => site.ask('GET', `${path}?from=${from}&to=${to}`, { cookie: acme });
    const [overview, alerts, blocks] = [await asked('/overview'), await asked('/alerts'), await asked('/blocks')];
    const attempts = overview.body.attempts.buckets.reduce(
      (sum: number, { count }: { count: number }) => sum + count,
      0,
    );
    expect([attempts, alerts.body.alerts.length, blocks.body.blocks.length]).toEqual([2, 1, 1]);
    expect(text?.text).toContain(`${attempts} failed attempts to log on.`);
    expect(text?.text).toContain(`${alerts.body.alerts.length} alert: 1 high.`);
    expect(text?.text).toContain(`${blocks.body.blocks.length} block held; 1 of them began.`);
    expect(text?.text).toContain(`/overview?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
    expect(html?.text).toContain('203.0.113.7');
    expect(csv).toMatchObject({ type: 'text/csv', name: `fleetwall-acme-daily-${day}.csv` });
    const rows = (csv?.text ?? '').trim().split('\r\n');
    expect(rows.map((row) => row.split(',')[0])).toEqual(['"kind"', '"alert"', '"block"', '"address"', '"end"']);
    expect(rows[1]).toContain(`"'=Slow grind"`);
    expect(rows.at(-1)).toContain('"complete"');
    expect(`${text?.text}${html?.text}${csv?.text}`).not.toContain('other');
  }, 60_000);

  it('is for mail alone, and for what exists', async () => {
    const refused = (path: string) => site.ask('POST', path, { cookie: admin });
    expect((await refused('/reports/channels/none/summaries/daily')).status).toBe(404);
    expect((await refused('/reports/channels/acme/summaries/yearly')).status).toBe(400);
  });
});
