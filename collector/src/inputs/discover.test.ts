import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { discoverLogs } from './discover.js';

const MACHINE = '0123456789abcdef0123456789abcdef';
const WEEK_MS = 7 * 86_400_000;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleetwall-discover-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function make(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

describe('what a host has to read', () => {
  it.each([
    [
      'Debian with rsyslog',
      ['auth.log', 'kern.log', 'syslog', 'ufw.log', 'mail.log'],
      ['auth.log', 'kern.log', 'mail.log'],
    ],
    ['Red Hat', ['secure', 'messages', 'maillog'], ['secure', 'messages', 'maillog']],
    ['SUSE, one file for all', ['messages'], ['messages']],
    ['no kernel log but that of ufw', ['auth.log', 'ufw.log'], ['auth.log', 'ufw.log']],
  ])('%s: each line from one file, never from the journal too', async (_, present, expected) => {
    make(...present.map((name) => `/var/log/${name}`), `/var/log/journal/${MACHINE}/system.journal`);
    const { paths, journald, logs } = await discoverLogs({ root });
    expect(paths).toEqual(expected.map((name) => `/var/log/${name}`));
    expect(journald).toBe(false);
    expect(logs.find(({ kind }) => kind === 'journald')).toMatchObject({ chosen: false, path: '/var/log/journal' });
  });

  it('reads the journal where no file holds the logons', async () => {
    make('/var/log/ufw.log', `/run/log/journal/${MACHINE}/system.journal`);
    expect(await discoverLogs({ root })).toEqual({
      paths: [],
      journald: true,
      logs: [
        {
          kind: 'file',
          path: '/var/log/ufw.log',
          chosen: false,
          readable: true,
          reason: 'the journal holds its lines too',
        },
        { kind: 'journald', path: '/run/log/journal', chosen: true, readable: true, reason: 'holds everything' },
      ],
    });
  });

  it('does not wait at a file that a daemon left behind', async () => {
    make('/var/log/auth.log', `/var/log/journal/${MACHINE}/system.journal`);
    const old = (Date.now() - WEEK_MS - 60_000) / 1000;
    utimesSync(join(root, '/var/log/auth.log'), old, old);
    expect(await discoverLogs({ root })).toMatchObject({ paths: [], journald: true });
    rmSync(join(root, '/var/log/journal'), { recursive: true });
    expect(await discoverLogs({ root })).toMatchObject({ paths: ['/var/log/auth.log'], journald: false });
  });

  it('reads the logs that programs write themselves, beside the journal too, each once', async () => {
    make('/var/log/shop/a.log', '/var/log/shop/b.log', '/var/log/shop/a.log.1', '/var/log/auth.log');
    make(`/var/log/journal/${MACHINE}/system.journal`);
    const formats = [
      { name: 'shop', files: ['/var/log/shop/*.log', '/var/log/shop.log'] },
      { name: 'other', files: ['/var/log/shop/a.log', '/var/log/auth.log'] },
    ];
    const { paths, logs } = await discoverLogs({ root, formats });
    expect(paths).toEqual(['/var/log/auth.log', '/var/log/shop/*.log']);
    expect(logs.at(-1)).toMatchObject({ path: '/var/log/shop/b.log', chosen: true, reason: 'shop writes it' });
    const old = (Date.now() - WEEK_MS - 60_000) / 1000;
    utimesSync(join(root, '/var/log/auth.log'), old, old);
    const beside = await discoverLogs({ root, formats });
    expect(beside.journald).toBe(true);
    expect(beside.paths).toEqual(['/var/log/shop/*.log']);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await discoverLogs({ root })).toEqual({ paths: [], journald: false, logs: [] });
  });

  const mayChangeUser = process.geteuid?.() === 0 && process.seteuid !== undefined;
  (mayChangeUser ? it : it.skip)(
    'says what to do when a log may not be read (needs root, to become somebody else)',
    async () => {
      make('/var/log/auth.log');
      chmodSync(root, 0o755);
      chmodSync(join(root, '/var/log/auth.log'), 0o600);
      process.seteuid!(65_534);
      try {
        const { paths, logs } = await discoverLogs({ root });
        expect(paths).toEqual(['/var/log/auth.log']);
        expect(logs).toEqual([
          {
            kind: 'file',
            path: '/var/log/auth.log',
            chosen: true,
            readable: false,
            reason: 'holds logons, but cannot be read: permission denied',
            hint: expect.stringContaining('adm'),
          },
        ]);
      } finally {
        process.seteuid!(0);
      }
    },
  );
});
