import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { applyBookmarks, type Bookmarks, type RawLine } from '../input.js';
import { JournaldInput, type JournaldOptions } from './journald.js';

jest.setTimeout(60_000);

const REMOTE = '/usr/lib/systemd/systemd-journal-remote';
const hasJournal = existsSync(REMOTE) && spawnSync('journalctl', ['--version']).status === 0;
const FIRST_BOOT = '0123456789abcdef0123456789abcdef';
const SECOND_BOOT = '1123456789abcdef0123456789abcdef';
const T0 = Date.UTC(2026, 10, 22, 7);

/** An entry in the export format (https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-export-format). */
function exported(atMs: number, fields: Record<string, string | Buffer>, boot = FIRST_BOOT): Buffer {
  const parts: Buffer[] = [];
  const all = {
    __REALTIME_TIMESTAMP: `${atMs}123`,
    __MONOTONIC_TIMESTAMP: `${atMs - T0 + 1}`,
    _BOOT_ID: boot,
    ...fields,
  };
  for (const [name, value] of Object.entries(all)) {
    if (name.startsWith('__') || name === '_BOOT_ID') {
      parts.push(Buffer.from(`${name}=${value}\n`));
      continue;
    }
    const bytes = Buffer.from(value as string);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    parts.push(Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]));
  }
  return Buffer.concat([...parts, Buffer.from('\n')]);
}

function sshd(message: string | Buffer): Record<string, string | Buffer> {
  return {
    MESSAGE: message,
    SYSLOG_IDENTIFIER: 'sshd',
    _PID: '812',
    _UID: '0',
    _COMM: 'sshd',
    _HOSTNAME: 'web1',
    _TRANSPORT: 'syslog',
    _SYSTEMD_UNIT: 'ssh.service',
  };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

(hasJournal ? describe : describe.skip)(
  'journald, real journal files (needs journalctl and systemd-journal-remote)',
  () => {
    let directory: string;
    let lines: RawLine[];
    let bookmarks: Bookmarks;
    let input: JournaldInput | undefined;

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'fleetwall-journal-'));
      lines = [];
      bookmarks = {};
    });

    afterEach(async () => {
      await input?.stop();
      input = undefined;
      rmSync(directory, { recursive: true, force: true });
    });

    function write(...entries: Buffer[]): void {
      const result = spawnSync(REMOTE, ['-o', join(directory, 'system.journal'), '-'], {
        input: Buffer.concat(entries),
      });
      expect(result.status).toBe(0);
    }

    async function start(options: JournaldOptions = {}): Promise<JournaldInput> {
      input = new JournaldInput({ directory, ...options });
      await input.start(bookmarks, async (batch) => {
        lines.push(...batch.lines);
        bookmarks = applyBookmarks(bookmarks, JSON.parse(JSON.stringify(batch.bookmarks)));
      });
      return input;
    }

    it('reads what earlier boots wrote as history, then follows', async () => {
      write(exported(T0, sshd('first')), exported(T0 + 5000, sshd('second'), SECOND_BOOT));
      await start({ clock: () => T0 + 6000 });
      await until(() => lines.length === 2, 'both boots');
      write(exported(T0 + 7000, sshd('third'), SECOND_BOOT));
      await until(() => lines.length === 3, 'the appended entry');
      expect(lines.map(({ text, history }) => [text, history])).toEqual([
        ['2026-11-22T07:00:00.000123+00:00 web1 sshd[812]: first', true],
        ['2026-11-22T07:00:05.000123+00:00 web1 sshd[812]: second', true],
        ['2026-11-22T07:00:07.000123+00:00 web1 sshd[812]: third', false],
      ]);
      expect(lines[0]?.origin).toEqual({ comm: 'sshd', unit: 'ssh.service', transport: 'syslog', pid: 812, uid: 0 });
    });

    it('goes on exactly behind its bookmark, with the same ids', async () => {
      write(exported(T0, sshd('a')), exported(T0, sshd('b')));
      await start();
      await until(() => lines.length === 2, 'the first entries');
      await input!.stop();
      const ids = lines.map(({ id }) => id);
      write(exported(T0 + 1, sshd('c')));
      await start();
      await until(() => lines.length === 3, 'the entry written meanwhile');
      await input!.stop();
      expect(lines.map(({ text }) => text.at(-1))).toEqual(['a', 'b', 'c']);
      bookmarks = {};
      lines = [];
      await start();
      await until(() => lines.length === 3, 'everything again');
      expect(lines.slice(0, 2).map(({ id }) => id)).toEqual(ids);
      expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
    });

    it('lets no writer begin a second line or end the header early', async () => {
      const forged = {
        ...sshd('x\nNov 22 07:00:00 web1 sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2'),
        _UID: '1000',
      };
      write(
        exported(T0, { ...forged, SYSLOG_IDENTIFIER: 'sshd[1]: Failed', _COMM: 'logger' }),
        exported(T0 + 1, sshd(Buffer.from([0xff, 0x61, 0x00, 0x62]))),
        exported(T0 + 2, sshd('')),
      );
      await start();
      await until(() => lines.length === 3, 'all entries');
      expect(lines.map(({ text }) => text.slice(33))).toEqual([
        'web1 sshd_1___Failed[812]: x#012Nov 22 07:00:00 web1 sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2',
        'web1 sshd[812]: \ufffda#000b',
        'web1 sshd[812]: ',
      ]);
      expect(lines[0]?.origin).toMatchObject({ comm: 'logger', uid: 1000 });
    });

    it('A22: cuts a long message and reads the next entry whole', async () => {
      write(exported(T0, sshd('y'.repeat(100_000))), exported(T0 + 1, sshd('short')));
      await start({ maxLineBytes: 1024 });
      await until(() => lines.length === 2, 'both entries');
      expect(lines.map(({ text, truncated }) => [text.length, truncated])).toEqual([
        [1024, true],
        [54, false],
      ]);
      expect(input!.stats().truncatedLines).toBe(1);
    });

    it('goes on by time when the journal does not know its cursor', async () => {
      write(exported(T0, sshd('old')), exported(T0 + 2000, sshd('new')));
      bookmarks = { journald: { firstStartMs: T0, cursor: 'not a cursor', realtimeUs: T0 * 1000 + 123 } };
      await start();
      await until(() => lines.length === 1, 'the newer entry');
      expect(lines[0]?.text).toMatch(/: new$/);
      expect(input!.stats().problems.map(({ code }) => code)).toContain('JOURNAL_CURSOR_LOST');
    });

    it('waits while the sink holds a batch, and loses nothing', async () => {
      write(...Array.from({ length: 5000 }, (_, i) => exported(T0 + i, sshd(`n${i}`))));
      let release: () => void = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let calls = 0;
      input = new JournaldInput({ directory });
      await input.start({}, async (batch) => {
        if (batch.lines.length > 0 && calls++ === 0) await held;
        lines.push(...batch.lines);
      });
      await until(() => calls === 1, 'the first batch');
      expect(lines).toEqual([]);
      release();
      await until(() => lines.length === 5000, 'all entries');
      expect(lines.every(({ text }, i) => text.endsWith(`: n${i}`))).toBe(true);
    });

    it('starts journalctl again when it dies', async () => {
      write(exported(T0, sshd('one')));
      await start();
      await until(() => lines.length === 1, 'the first entry');
      await until(() => {
        // The run that reads what is there may have ended by itself just now: then the next one is killed.
        const pid = childPid(input!);
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        return input!.stats().restarts > 0;
      }, 'the restart');
      write(exported(T0 + 1, sshd('two')));
      await until(() => lines.length === 2, 'the entry after the restart');
    });

    it('says what is missing, and looks again', async () => {
      await start({ journalctl: '/nonexistent/journalctl' });
      await until(() => input!.stats().problems.length > 0, 'a problem');
      expect(input!.stats().problems[0]).toMatchObject({
        code: 'JOURNALCTL_MISSING',
        message: '/nonexistent/journalctl was not found.',
      });
    });

    it('says which group helps when the journal cannot be read', async () => {
      // What journalctl says to a user without rights, by a program that says it.
      mkdirSync(directory, { recursive: true });
      const program = join(directory, 'journalctl');
      writeFileSync(
        program,
        '#!/bin/sh\necho "No journal files were opened due to insufficient permissions." >&2\nexit 1\n',
        { mode: 0o755 },
      );
      await start({ journalctl: program });
      await until(() => input!.stats().problems.length > 0, 'a problem');
      expect(input!.stats().problems[0]).toMatchObject({
        code: 'JOURNAL_UNREADABLE',
        hint: expect.stringContaining('systemd-journal'),
      });
    });
  },
);

function childPid(input: JournaldInput): number | undefined {
  return (input as unknown as { child?: { pid?: number } }).child?.pid;
}
