import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, Standalone, until } from '../e2e/standalone.js';
import { filesWith } from './files-with.js';

/** What people typed where a name belongs, one for each place; and somebody who exists, to show that the search finds. */
const SECRETS = {
  sshd: 'Xq7-sshd-hunter',
  sshdUnsure: 'Xq7-pam-hunter',
  dovecot: 'Xq7-imap-hunter',
  dovecotGiven: 'Xq7-given-hunter',
  postfix: 'Xq7-smtp-hunter',
  application: 'Xq7-shop<&">hunter',
  windows: 'Xq7-4625-hunter',
  device: 'Xq7-syslog-hunter',
  console: 'Xq7-console-hunter',
};
const SECRET = /Xq7-[a-z0-9<&">]+-?hunter/i;
const SOMEBODY = 'somebody-who-exists';
const ATTACKERS = ['198.51.100.7', '198.51.100.8', '198.51.100.9', '198.51.100.10', '198.51.100.11', '198.51.100.12'];
const [SSH, IMAP, SMTP, SHOP, RDP, DEVICE] = ATTACKERS as [string, string, string, string, string, string];
const TOKEN = 'token-of-the-shop';
const PASSWORD = 'correct horse battery';
const TRIES = 6;

const stamp = (second: number) => new Date(Date.now() - 600_000 + second * 1_000).toISOString().replace('Z', '+00:00');

function authLog(): string[] {
  const tries = Array.from({ length: TRIES }, (_, i) => {
    const head = `${stamp(i)} web-01 sshd[${100 + i}]:`;
    const from = `from ${SSH} port ${4000 + i}`;
    return [
      `${head} Invalid user ${SECRETS.sshd} ${from}`,
      `${head} pam_unix(sshd:auth): check pass; user unknown`,
      `${head} pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=${SECRETS.sshdUnsure} rhost=${SSH}  user=${SECRETS.sshdUnsure}`,
      `${head} Failed password for invalid user ${SECRETS.sshd} ${from} ssh2`,
      `${head} Connection closed by invalid user ${SECRETS.sshd} ${SSH} port ${4000 + i} [preauth]`,
    ];
  });
  return [
    ...tries.flat(),
    `${stamp(60)} web-01 sshd[200]: Accepted publickey for ${SOMEBODY} from 203.0.113.9 port 5000 ssh2`,
    `${stamp(61)} web-01 sshd[201]: Failed password for ${SOMEBODY} from 203.0.113.9 port 5001 ssh2`,
  ];
}

function mailLog(): string[] {
  return Array.from({ length: TRIES }, (_, i) => [
    `${stamp(i)} mail-01 dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<${SECRETS.dovecot}>, method=PLAIN, rip=${IMAP}, lip=203.0.113.5, TLS, session=<abcdefgh>`,
    `${stamp(i)} mail-01 dovecot: auth: sql(${SECRETS.dovecot},${IMAP},<abcdefgh>): unknown user (given password: ${SECRETS.dovecotGiven})`,
    `${stamp(i)} mail-01 postfix/smtpd[${300 + i}]: warning: unknown[${SMTP}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=${SECRETS.postfix}`,
  ]).flat();
}

function windowsLog(): string[] {
  return Array.from({ length: TRIES }, (_, i) =>
    JSON.stringify({
      ...{ EventTime: stamp(i), Hostname: 'WEB-03.corp.example', Keywords: '9227875636482146304' },
      ...{ EventType: 'AUDIT_FAILURE', SeverityValue: 4, Severity: 'ERROR', EventID: 4625 },
      ...{ SourceName: 'Microsoft-Windows-Security-Auditing', RecordNumber: 1_500 + i, Channel: 'Security' },
      Message: `An account failed to log on.\n\nAccount For Which Logon Failed:\n\tAccount Name:\t\t${SECRETS.windows}\n`,
      ...{ TargetUserName: SECRETS.windows, TargetDomainName: 'WEB-03', Status: '0xc000006d', SubStatus: '0xc0000064' },
      ...{ LogonType: '3', WorkstationName: 'KALI', ProcessName: '-', IpAddress: RDP, IpPort: '50122' },
      ...{ EventReceivedTime: stamp(i), SourceModuleName: 'eventlog', SourceModuleType: 'im_msvistalog' },
    }),
  );
}

/** Passwords as names, through real inputs of a real process. */
describe('a password typed as a user name', () => {
  let site: Standalone;
  let logons: number;
  let tcp: number;
  let http: string;
  let cookie: string;
  const answers = new Map<string, string>();

  beforeAll(async () => {
    [tcp, logons] = [await freePort(), await freePort()];
    const hash = createHash('sha256').update(TOKEN).digest('hex');
    site = new Standalone({ FLEETWALL_LOG_LEVEL: 'trace' });
    const paths = ['auth.log', 'mail.log', 'windows.log'].map((name) => site.path(name));
    mkdirSync(site.home, { recursive: true });
    const config = [
      'collector:',
      '  syslog:',
      `    tcp: { host: 127.0.0.1, port: ${tcp} }`,
      '    senders: [{ from: 127.0.0.1, host: edge-01, evidence: handshake }]',
      '  logons:',
      `    port: ${logons}`,
      `    tokens: [{ application: shop, tokenSha256: ${hash} }]`,
    ];
    writeFileSync(join(site.home, 'fleetwall.yml'), `${config.join('\n')}\n`);
    site.set('FLEETWALL_COLLECTOR_FILES', paths.join(','));
    for (const name of ['auth.log', 'mail.log', 'windows.log']) site.append([], name);
    await site.start();
    await plant();
    await signIn();
  }, 90_000);
  afterAll(() => site?.remove());

  async function plant(): Promise<void> {
    site.append(authLog());
    site.append(mailLog(), 'mail.log');
    site.append(windowsLog(), 'windows.log');
    const socket = connect(tcp, '127.0.0.1');
    for (let i = 0; i < TRIES; i++) {
      socket.write(
        `<38>${stamp(i)} device sshd[${i + 1}]: Invalid user ${SECRETS.device} from ${DEVICE} port ${4000 + i}\n`,
      );
    }
    for (let i = 0; i < TRIES; i++) {
      const told = {
        user: SECRETS.application,
        address: SHOP,
        outcome: 'failure',
        reason: `no ${SECRETS.application}`,
        id: `a${i}`,
      };
      await fetch(`http://127.0.0.1:${logons}/v1/logons`, {
        method: 'POST',
        body: JSON.stringify(told),
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      });
    }
    for (const address of ATTACKERS) {
      await until(`the block of ${address}`, async () =>
        (await site.blocks()).some(({ target }) => target === address),
      );
    }
    socket.destroy();
  }

  async function signIn(): Promise<void> {
    ({ http } = await site.status());
    const headers = { 'content-type': 'application/json', 'x-fleetwall': '1', origin: http };
    await fetch(`${http}/api/v1/session`, {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ name: SECRETS.console, password: 'wrong' }),
    });
    const token = readFileSync(join(site.home, 'console-setup'), 'utf8').trim();
    const set = await fetch(`${http}/api/v1/setup`, {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ token, name: 'admin', password: PASSWORD }),
    });
    expect(set.status).toBe(201);
    cookie = (set.headers.get('set-cookie') ?? '').split(';')[0] as string;
  }

  async function ask(path: string): Promise<string> {
    const answer = await fetch(`${http}${path}`, { headers: { cookie } });
    const text = await answer.text();
    answers.set(path, text);
    return text;
  }

  it('is in no answer of the console, and in no export', async () => {
    const alerts = JSON.parse(await ask('/api/v1/alerts?limit=200')) as { alerts: { id: string }[] };
    for (const { id } of alerts.alerts) await ask(`/api/v1/alerts/${encodeURIComponent(id)}`);
    for (const address of ATTACKERS) await ask(`/api/v1/addresses/${address}`);
    for (const path of [
      '/api/v1/events?limit=500&from=now-1d&to=now',
      '/api/v1/events/top?field=user.name&from=now-1d&to=now',
      '/api/v1/events/export?format=ndjson&from=now-1d&to=now',
      '/api/v1/events/export?format=csv&from=now-1d&to=now',
      '/api/v1/blocks?limit=100',
      '/api/v1/hosts',
      '/api/v1/overview',
      '/api/v1/audit?limit=100',
      '/api/v1/system',
      `/api/v1/users/${SOMEBODY}`,
      '/metrics',
    ])
      await ask(path);
    expect([...answers].filter(([, text]) => SECRET.test(text)).map(([path]) => path)).toEqual([]);
    expect(alerts.alerts.length).toBeGreaterThanOrEqual(ATTACKERS.length);
    const found = [...answers].filter(([, text]) => text.includes(SOMEBODY)).map(([path]) => path);
    expect(found).toEqual(
      expect.arrayContaining([
        '/api/v1/events/export?format=ndjson&from=now-1d&to=now',
        '/api/v1/events/export?format=csv&from=now-1d&to=now',
      ]),
    );
  });

  it('is in no answer of the control socket, which explains each block all the same', async () => {
    for (const what of ['status', 'doctor', 'blocks', 'sessions', ...ATTACKERS.map((address) => `why/${address}`)]) {
      const text = await site.control(what);
      expect(SECRET.test(text) ? what : '').toBe('');
      const address = ATTACKERS.find((one) => what.endsWith(`/${one}`));
      if (address !== undefined)
        expect(text).toMatch(
          new RegExp(
            `~[0-9a-f]{12}.*${address.replaceAll('.', '\\.')}|${address.replaceAll('.', '\\.')}.*~[0-9a-f]{12}`,
          ),
        );
    }
  });

  it('counts as the account that it is not', async () => {
    const top = JSON.parse(answers.get('/api/v1/events/top?field=user.name&from=now-1d&to=now') as string) as {
      values: { value: string; count: number }[];
    };
    const masks = top.values.filter(({ value }) => value.startsWith('~'));
    expect(masks.length).toBeGreaterThanOrEqual(6);
    for (const { count } of masks) expect(count).toBeGreaterThanOrEqual(TRIES);
  });

  it('goes with its address when that is erased, and the block stays', async () => {
    const env = { ...process.env, FLEETWALL_HOME: site.home };
    const erase = (...more: string[]) => {
      const argv = ['cli/dist/main.js', 'erase', 'address', SSH, ...more];
      return execFileSync(process.execPath, argv, { env, encoding: 'utf8' });
    };
    expect(erase()).toMatch(/^Would remove [1-9]\d* events and [1-9]\d* alerts/);
    expect(await site.latestOf(SSH)).toBeGreaterThan(0);
    expect(JSON.parse(erase('--reference', 'request 17', '--json'))).toMatchObject({ events: expect.any(Number) });
    expect(await site.latestOf(SSH)).toBe(0);
    expect((await site.blocks()).some(({ target }) => target === SSH)).toBe(true);
    expect(await site.control(`why/${SSH}`)).toContain('(no longer stored)');
    const audit = await ask('/api/v1/audit?limit=10');
    expect(audit).toContain('request 17');
    expect(audit).not.toContain(SSH);
  });

  it('is in no file and nothing that was said, while the service runs and when it ended', async () => {
    expect(filesWith(site.home, SECRET)).toEqual([]);
    expect(await site.stop()).toBe(0);
    expect(filesWith(site.home, SECRET)).toEqual([]);
    const said = readFileSync(site.outputFile, 'utf8') + site.said;
    expect(said.length).toBeGreaterThan(200);
    expect(SECRET.test(said)).toBe(false);
    expect(filesWith(site.home, new RegExp(SOMEBODY)).length).toBeGreaterThan(0);
  });
});
