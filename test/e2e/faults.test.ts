import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Standalone, until } from './standalone.js';
import { readHome } from './stored.js';

const MEGABYTE = 1 << 20;
const isRoot = process.getuid?.() === 0;
const isWindows = process.platform === 'win32';

let port = 0;

/** Failed logons of one address, now. */
function failures(address: string, count = 5): string[] {
  const stamp = new Date().toISOString();
  return Array.from({ length: count }, () => {
    port++;
    return `${stamp} web-01 sshd[${port}]: Failed password for root${port} from ${address} port ${port} ssh2`;
  });
}

describe('log files that misbehave', () => {
  const service = new Standalone();
  const block = (address: string) => until(`the block of ${address}`, () => service.isBlocked(address));
  const problem = (text: string) =>
    until(`a problem that says ${text}`, async () => (await service.health()).text.includes(text));
  const recovery = () => until('no problem', async () => (await service.health()).code === 200);

  beforeAll(async () => {
    service.append([]);
    await service.start();
  }, 90_000);
  afterAll(() => service.remove());

  it('is ready while nothing is wrong', async () => {
    expect(await service.health()).toMatchObject({ code: 200 });
  });

  it('reads on when the file is removed and made again', async () => {
    rmSync(service.path('auth.log'));
    service.append(failures('198.51.100.1'));
    await block('198.51.100.1');
  }, 60_000);

  it('says that a directory is in the place of the file, and reads the file when it is back', async () => {
    renameSync(service.path('auth.log'), service.path('auth.log.1'));
    mkdirSync(service.path('auth.log'));
    await problem('is a directory, not a file');
    expect(await service.health()).toMatchObject({ code: 503 });
    rmSync(service.path('auth.log'), { recursive: true });
    service.append(failures('198.51.100.2'));
    await block('198.51.100.2');
    await recovery();
  }, 60_000);

  (isWindows ? it.skip : it)(
    'is not held up by a named pipe in the place of the file (needs mkfifo)',
    async () => {
      rmSync(service.path('auth.log'));
      execFileSync('mkfifo', [service.path('auth.log')]);
      await problem('not a file');
      rmSync(service.path('auth.log'));
      service.append(failures('198.51.100.3'));
      await block('198.51.100.3');
      await recovery();
    },
    60_000,
  );

  (isRoot || isWindows ? it.skip : it)(
    'says that it may not read the file, and reads it once it may (needs an ordinary user)',
    async () => {
      rmSync(service.path('auth.log'));
      writeFileSync(service.path('auth.log'), '', { mode: 0 });
      await problem('permission denied');
      chmodSync(service.path('auth.log'), 0o600);
      service.append(failures('198.51.100.4'));
      await block('198.51.100.4');
      await recovery();
    },
    60_000,
  );

  it('E04: reads the file that was put in the place of another by rename', async () => {
    writeFileSync(
      service.path('fresh'),
      failures('198.51.100.5')
        .map((line) => `${line}\n`)
        .join(''),
    );
    renameSync(service.path('fresh'), service.path('auth.log'));
    await block('198.51.100.5');
  }, 60_000);

  it('passes over a line of 100 MB and reads the next', async () => {
    const before = (await service.metrics()).get('fleetwall_input_truncated_lines{input="files"}') ?? 0;
    const file = openSync(service.path('auth.log'), 'a');
    const piece = Buffer.alloc(MEGABYTE, 'A');
    for (let i = 0; i < 100; i++) writeSync(file, piece);
    writeSync(file, '\n');
    closeSync(file);
    service.append(failures('198.51.100.6'));
    await block('198.51.100.6');
    expect((await service.metrics()).get('fleetwall_input_truncated_lines{input="files"}')).toBe(before + 1);
  }, 60_000);

  it('has every block, and no event twice, after a kill; SIGTERM in the midst of work loses nothing', async () => {
    const before = (await service.blocks()).map(({ target, untilMs }) => `${target} ${untilMs}`).sort();
    await service.kill();
    const startMs = await service.start();
    const after = (await service.blocks()).map(({ target, untilMs }) => `${target} ${untilMs}`).sort();
    expect(after).toEqual(before);
    expect(after.length).toBeGreaterThanOrEqual(4);
    const sent = (await service.status()).read.sent;
    const many = failures('198.51.100.7', 2_000);
    service.append(many);
    await until('reading to begin', async () => (await service.status()).read.events > sent);
    expect(await service.stop()).toBe(0);
    await service.start();
    await until('the last event to be stored', async () => (await service.latestOf('198.51.100.7')) === 20);
    await until('all to be read', async () => {
      const { read, stored } = await service.status();
      return stored.created + stored.duplicates >= read.events && (await service.isBlocked('198.51.100.7'));
    });
    await service.stop();
    const { events } = await readHome(service.home);
    // The service tells of itself by events too.
    const told = events.filter((event) => event['event.module'] !== 'fleetwall');
    const lines = told.map((event) => event['event.original']);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.filter((line) => many.includes(line)).sort()).toEqual(many.sort());
    process.stderr.write(`start after a kill: ready after ${Math.round(startMs)} ms\n`);
  }, 120_000);
});

const mount = mkdtempSync(join(tmpdir(), 'fleetwall-small-disk-'));
const canMount = isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'fleetwall-e2e', mount]).status === 0;
if (!canMount) rmSync(mount, { recursive: true });

(canMount ? describe : describe.skip)('a disk that fills up (needs root and mount)', () => {
  const service = new Standalone({}, join(mount, 'home'));
  const ballast = join(mount, 'ballast');

  beforeAll(async () => {
    service.append([]);
    await service.start();
  }, 90_000);
  afterAll(async () => {
    await service.remove();
    spawnSync('umount', [mount]);
    rmSync(mount, { recursive: true });
  });

  it('E03: says so, loses nothing, counts nothing twice, and goes on by itself', async () => {
    const written: string[] = [];
    const write = (lines: string[]) => {
      service.append(lines);
      written.push(...lines);
    };
    write(failures('198.51.100.20'));
    await until('the first block', () => service.isBlocked('198.51.100.20'));

    const file = openSync(ballast, 'w');
    const isFull = () => statfsSync(mount).bavail === 0;
    await until('the disk to be full', () => {
      write(failures('198.51.100.21', 1));
      fill(file);
      return isFull();
    });
    write([...failures('198.51.100.22'), ...failures('198.51.100.23', 4)]);
    const text = await until('the problem', async () => {
      write(failures('198.51.100.24', 1));
      const { code, text } = await service.health();
      return code === 503 && /Nothing can be written to .*ENOSPC/.test(text) && text;
    });
    expect(text).toContain(mount);
    expect((await service.status()).problems.join()).toContain('ENOSPC');

    closeSync(file);
    rmSync(ballast);
    await until('the block', () => service.isBlocked('198.51.100.22'), 60_000);
    await until('no problem', async () => (await service.health()).code === 200, 60_000);
    await until('the events', async () => (await service.latestOf('198.51.100.23')) === 4);
    expect(await service.isBlocked('198.51.100.23')).toBe(false);
    await service.stop();
    const { events } = await readHome(service.home);
    // The service tells of itself by events too.
    const told = events.filter((event) => event['event.module'] !== 'fleetwall');
    const lines = told.map((event) => event['event.original']);
    expect(lines.sort()).toEqual(written.sort());
  }, 180_000);
});

/** Writes until nothing goes in any more. */
function fill(file: number): void {
  for (let piece = Buffer.alloc(MEGABYTE); piece.length >= 512; piece = piece.subarray(0, piece.length >> 1)) {
    try {
      while (writeSync(file, piece) === piece.length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}
