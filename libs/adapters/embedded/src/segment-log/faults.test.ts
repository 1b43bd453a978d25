import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DiskFault, hostileFiles } from '@fleetwall/testkit';
import { afterAll, describe, expect, it } from '@jest/globals';
import { nodeFiles } from './files.js';
import { SegmentLog } from './segment-log.js';
import { record, TemporaryLog, valuesOf } from './temporary-log.test-support.js';

const METHODS = ['open', 'write', 'sync', 'rename', 'syncDirectory', 'close', 'truncate'];

describe.each<DiskFault>(['ENOSPC', 'EIO', 'EROFS'])('E03: %s', (code) => {
  it.each(METHODS)('on %s: the append is refused and retryable, and the log heals by itself', async (method) => {
    const hostile = hostileFiles(nodeFiles);
    const temporary = await TemporaryLog.create({ files: hostile.files, segmentBytes: 200 });
    const log = await temporary.open();
    const kept: string[] = [];
    for (let i = 0; i < 40; i++) {
      // Fails at the first call of this kind, in every second append; truncation happens only after another failure.
      let left = i % 2;
      hostile.fault = (called) => {
        if (method === 'truncate' && called === 'write' && left === 1) return code;
        return called === method && left-- > 0 ? code : undefined;
      };
      await log.append([record(`value ${i}`)]).then(
        () => kept.push(`value ${i}`),
        (error) => expect(error).toMatchObject({ code: 'LOG_WRITE_FAILED', retryable: true }),
      );
    }
    hostile.fault = () => undefined;
    await log.append([record('healed')]);
    expect(hostile.failures).toBeGreaterThan(0);
    expect(await valuesOf(log)).toEqual([...kept, 'healed']);
    await log.close();
    const again = await temporary.open();
    expect(await valuesOf(again)).toEqual([...kept, 'healed']);
    await again.close();
    await temporary.remove();
  });

  it('for good: every append is refused, what was there is read, and close ends', async () => {
    const hostile = hostileFiles(nodeFiles);
    const temporary = await TemporaryLog.create({ files: hostile.files });
    const log = await temporary.open();
    await log.append([record('before')]);
    hostile.fault = (method) => (['write', 'sync', 'truncate'].includes(method) ? code : undefined);
    for (let i = 0; i < 3; i++) {
      await expect(log.append([record('never')])).rejects.toMatchObject({ details: { reason: code } });
    }
    expect(await valuesOf(log)).toEqual(['before']);
    await log.close();
    await temporary.remove();
  });
});

it('what a refused append left behind the end does not come back behind a shorter one', async () => {
  const hostile = hostileFiles(nodeFiles);
  const temporary = await TemporaryLog.create({ files: hostile.files, isLocked: true });
  const log = await temporary.open();
  let left = 1;
  hostile.fault = (method) => (method === 'sync' && left-- > 0 ? 'EIO' : undefined);
  const refused = ['a', 'b', 'c', 'd'].map((value) => log.append([record(value.repeat(100))]));
  expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  await log.append([record('short')]);
  // As after a crash: opened again without a close.
  const again = await temporary.open();
  expect([again.next, await valuesOf(again)]).toEqual([1, ['short']]);
  await again.close();
  await log.close();
  await temporary.remove();
});

const mountPoint = mkdtempSync(join(tmpdir(), 'fleetwall-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mountPoint]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [mountPoint]);
  rmdirSync(mountPoint);
});

(mounted ? describe : describe.skip)('E03: a disk that is really full (needs the right to mount a tmpfs)', () => {
  it('refuses appends, keeps what was acknowledged, and goes on when there is space', async () => {
    const ballast = await open(join(mountPoint, 'ballast'), 'w');
    await ballast.writeFile(Buffer.alloc(300_000));
    await ballast.close();
    const directory = join(mountPoint, 'log');
    const log = await SegmentLog.open({ directory, segmentBytes: 100_000 });
    const kept: string[] = [];
    let refused = 0;
    for (let i = 0; refused < 5; i++) {
      const value = `${i} ${'x'.repeat(3_000)}`;
      await log.append([record(value)]).then(
        () => kept.push(value),
        (error) => {
          expect(error).toMatchObject({ code: 'LOG_WRITE_FAILED', retryable: true, details: { reason: 'ENOSPC' } });
          refused++;
        },
      );
    }
    expect(kept.length).toBeGreaterThan(100);
    expect(await valuesOf(log)).toEqual(kept);
    await unlink(join(mountPoint, 'ballast'));
    await log.append([record('space again')]);
    expect(await valuesOf(log)).toEqual([...kept, 'space again']);
    await log.close();
    const again = await SegmentLog.open({ directory });
    expect(await valuesOf(again)).toEqual([...kept, 'space again']);
    await again.close();
  });
});
