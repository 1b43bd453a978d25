import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LineReader } from '../../line-reader.js';
import type { LineBatch, RawLine } from '../input.js';
import { SyslogInput, type SyslogOptions } from './syslog.js';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const open: { stop(): Promise<void> }[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const input of open.splice(0)) await input.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An input that listens, and all that it handed over. */
async function listening(
  options: Omit<SyslogOptions, 'senders'> & Partial<SyslogOptions>,
  onBatch?: () => Promise<void>,
) {
  const input = new SyslogInput({ senders: [{ from: '127.0.0.1', host: 'fw-01' }], ...options });
  open.push(input);
  const lines: RawLine[] = [];
  await input.start({}, async (batch: LineBatch) => {
    await onBatch?.();
    lines.push(...batch.lines);
  });
  return { input, lines, texts: () => lines.map(({ text }) => text) };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function connected(port: number | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port as number, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

function madeCertificate(): { directory: string; cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-syslog-'));
  directories.push(directory);
  const [cert, key] = [join(directory, 'c.pem'), join(directory, 'k.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '2',
    ...subject,
  ]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  return { directory, cert, key };
}

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const FAILURE = 'Failed password for root from 198.51.100.7 port 4022 ssh2';

describe('syslog from afar', () => {
  it('comes over UDP, a datagram a message, and proves nothing whatever the configuration says', async () => {
    const { input, lines } = await listening({
      udp: LOOPBACK,
      senders: [{ from: '127.0.0.0/8', host: 'fw-01', evidence: 'handshake' }],
    });
    const socket = createSocket('udp4');
    const send = (text: string) => socket.send(text, input.ports.get('udp') as number, '127.0.0.1');
    send(`<34>Nov 22 07:00:00 otherhost sshd[1]: ${FAILURE}\n`);
    send('<34>Nov 22 07:00:01 otherhost x: a\nb\0');
    await until(() => lines.length === 2);
    socket.close();
    expect(lines.map(({ text }) => text)).toEqual([
      `<34>Nov 22 07:00:00 otherhost sshd[1]: ${FAILURE}`,
      '<34>Nov 22 07:00:01 otherhost x: a\nb',
    ]);
    expect(lines[0]?.sender).toEqual({ host: 'fw-01', evidence: 'unauthenticated' });
  });

  it('A19: is an event of the host that the address stands for, never of the one that it names', async () => {
    const { input, lines } = await listening({ tcp: LOOPBACK });
    const socket = await connected(input.ports.get('tcp'));
    socket.write(`<34>Nov 22 07:00:00 otherhost sshd[1]: ${FAILURE}\n`);
    await until(() => lines.length === 1);
    socket.destroy();
    const reader = new LineReader({
      agentId: 'agent',
      seed: [1, 2, 3],
      host: 'collector',
      zone: 'UTC',
      clock: Date.now,
    });
    expect(reader.read(lines[0] as RawLine)).toMatchObject({
      'host.name': 'fw-01',
      'source.ip': '198.51.100.7',
      'fleetwall.evidence': 'unauthenticated',
    });
  });

  it('gives the same words said twice two ids, on one connection and on the next', async () => {
    const { input, lines } = await listening({ tcp: LOOPBACK });
    for (let i = 0; i < 2; i++) {
      const socket = await connected(input.ports.get('tcp'));
      socket.end('<13>same\n<13>same\n');
      await until(() => lines.length === 2 * (i + 1));
    }
    expect(new Set(lines.map(({ id }) => id)).size).toBe(4);
  });

  it('takes nothing from strangers, and counts them', async () => {
    const { input, lines } = await listening({ tcp: LOOPBACK, udp: LOOPBACK, senders: [{ from: '192.0.2.0/24' }] });
    const socket = await connected(input.ports.get('tcp'));
    socket.on('error', () => undefined);
    socket.write('<13>a\n');
    const datagrams = createSocket('udp4');
    datagrams.send('<13>a', input.ports.get('udp') as number, '127.0.0.1');
    await until(() => socket.destroyed && input.refused.stranger === 2);
    datagrams.close();
    expect(lines).toEqual([]);
  });

  it('A20: closes a connection that sends no syslog, keeps what came before, and serves the others', async () => {
    const { input, texts } = await listening({ tcp: LOOPBACK });
    const good = await connected(input.ports.get('tcp'));
    for (const stream of ['<13>kept\n99999999999 <13>x', '0 ', '-1 x', 'GET / HTTP/1.1\r\n\r\n']) {
      const bad = await connected(input.ports.get('tcp'));
      bad.on('error', () => undefined);
      const before = input.refused.broken;
      bad.write(stream);
      await until(() => bad.destroyed || bad.readableEnded || input.refused.broken > before);
      bad.destroy();
    }
    good.write('<13>still here\n');
    await until(() => texts().includes('<13>still here'));
    good.destroy();
    expect(texts()).toEqual(['<13>kept', '<13>still here']);
    expect(input.refused.broken).toBe(4);
    expect(input.stats().problems.map(({ code }) => code)).toContain('SYSLOG_BROKEN');
  });

  it('lets a sender over TCP wait while nothing can be stored, and loses nothing', async () => {
    let isFull = true;
    const { input, lines } = await listening({ tcp: LOOPBACK }, async () => {
      if (isFull) throw new Error('the spool is full');
    });
    const socket = await connected(input.ports.get('tcp'));
    const message = `<13>${'x'.repeat(500)}\n`;
    let written = 0;
    // The kernel's buffers of both sides take some megabytes; then the sender has to wait.
    while (written < 200_000 && socket.writableLength < 16 << 20) {
      socket.write(message);
      written++;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lines).toHaveLength(0);
    expect(input.stats().bytes).toBeLessThan(1 << 20);
    isFull = false;
    socket.end();
    await until(() => lines.length === written);
  });

  it('says what to do when a port cannot be had, and listens at the others', async () => {
    const first = await listening({ tcp: LOOPBACK });
    const port = first.input.ports.get('tcp') as number;
    const { input } = await listening({ tcp: { host: '127.0.0.1', port }, udp: LOOPBACK });
    expect(input.stats().problems).toMatchObject([{ code: 'SYSLOG_UNAVAILABLE' }]);
    expect(input.ports.has('udp')).toBe(true);
  });

  (has('openssl') ? it : it.skip)(
    'comes over TLS, from those with a certificate where one is asked for (needs openssl)',
    async () => {
      const { cert, key } = madeCertificate();
      const pem = { cert: readFileSync(cert), key: readFileSync(key) };
      const { input, texts } = await listening({ tls: { ...LOOPBACK, ...pem, ca: pem.cert } });
      const port = input.ports.get('tls') as number;
      const known = connectTls({ port, host: '127.0.0.1', ca: pem.cert, ...pem });
      known.write('14 <13>over TLS 1');
      await until(() => texts().length === 1);
      known.destroy();
      const unknown = connectTls({ port, host: '127.0.0.1', ca: pem.cert });
      unknown.on('error', () => undefined);
      unknown.write('9 <13>no certificate');
      const plain = await connected(port);
      plain.on('error', () => undefined);
      plain.write('<13>no TLS\n');
      await until(() => input.refused.broken >= 2);
      unknown.destroy();
      plain.destroy();
      expect(texts()).toEqual(['<13>over TLS 1']);
    },
  );

  (has('logger') ? it : it.skip)('comes from logger(1) in every form that it has (needs util-linux)', async () => {
    const { input, texts } = await listening({ tcp: LOOPBACK, udp: LOOPBACK });
    const log = (...args: string[]) => {
      const { status, stderr } = spawnSync('logger', ['-n', '127.0.0.1', '-t', 'sshd', ...args]);
      expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
    };
    const tcp = String(input.ports.get('tcp'));
    log('-T', '-P', tcp, '--rfc3164', 'one');
    log('-T', '-P', tcp, '--rfc5424', 'two');
    log('-T', '-P', tcp, '--rfc5424', '--octet-count', 'three');
    log('-d', '-P', String(input.ports.get('udp')), '--rfc5424', 'four');
    await until(() => texts().length === 4);
    expect(
      texts()
        .map((text) => /(?:one|two|three|four)$/.exec(text)?.[0])
        .sort(),
    ).toEqual(['four', 'one', 'three', 'two']);
  });

  (has('rsyslogd') ? it : it.skip)(
    'comes from rsyslog, counted and by lines (needs rsyslog)',
    async () => {
      const { input, texts } = await listening({ tcp: LOOPBACK });
      const directory = mkdtempSync(join(tmpdir(), 'fleetwall-rsyslog-'));
      directories.push(directory);
      const port = String(input.ports.get('tcp'));
      const forward = (framing: string) =>
        `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" TCP_Framing="${framing}" template="RSYSLOG_SyslogProtocol23Format")`;
      const log = join(directory, 'in.log');
      writeFileSync(log, '');
      writeFileSync(
        join(directory, 'rsyslog.conf'),
        [
          'module(load="imfile" mode="polling" PollingInterval="1")',
          `global(workDirectory="${directory}")`,
          `input(type="imfile" File="${log}" Tag="sshd:")`,
          forward('octet-counted'),
          forward('traditional'),
          '',
        ].join('\n'),
      );
      const daemon = spawn('rsyslogd', ['-n', '-f', join(directory, 'rsyslog.conf'), '-i', join(directory, 'pid')]);
      try {
        writeFileSync(log, `${FAILURE}\n`);
        await until(() => texts().length === 2);
        for (const text of texts()) expect(text).toContain(FAILURE);
      } finally {
        daemon.kill('SIGKILL');
      }
    },
    20_000,
  );
});
