import { hostileFiles } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nodeFiles } from './files.js';
import { record, TemporaryLog, valuesOf } from './temporary-log.test-support.js';

let temporary: TemporaryLog;
beforeEach(async () => {
  temporary = await TemporaryLog.create({});
});
afterEach(() => temporary.remove());

/** The real files, with every call written down. */
function watchedFiles() {
  const watched = hostileFiles(nodeFiles);
  const calls: string[] = [];
  watched.fault = (method) => {
    calls.push(method);
    return undefined;
  };
  return { files: watched.files, calls };
}

describe('a log that syncs later', () => {
  it('appends and reads without a sync, and syncs when asked, once', async () => {
    const { files, calls } = watchedFiles();
    const log = await temporary.open({ syncLater: true, files });
    const begun = calls.length;
    await log.append([record('a')]);
    await log.append([record('b')]);
    expect(await valuesOf(log)).toEqual(['a', 'b']);
    expect(calls.slice(begun)).not.toContain('sync');
    await log.sync();
    await log.sync();
    expect(calls.slice(begun).filter((call) => call === 'sync')).toHaveLength(1);
    await log.close();
  });

  it('syncs a full segment before it begins the next, and what is left when it closes', async () => {
    const { files, calls } = watchedFiles();
    const log = await temporary.open({ syncLater: true, files, segmentBytes: 500 });
    for (let i = 0; i < 20; i++) await log.append([record(`value ${i}`)]);
    const rolls = calls.lastIndexOf('rename');
    expect(calls.slice(0, rolls).lastIndexOf('sync')).toBeGreaterThan(calls.slice(0, rolls).lastIndexOf('write') - 4);
    const begun = calls.length;
    await log.close();
    expect(calls.slice(begun)).toContain('sync');
    const again = await temporary.open();
    expect(await valuesOf(again)).toHaveLength(20);
    await again.close();
  });

  it('tells of a sync that failed, keeps what was read, and goes on', async () => {
    const hostile = hostileFiles(nodeFiles);
    const log = await temporary.open({ syncLater: true, files: hostile.files });
    await log.append([record('a')]);
    hostile.fault = (method) => (method === 'sync' ? 'EIO' : undefined);
    await expect(log.sync()).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
    hostile.fault = () => undefined;
    await log.append([record('b')]);
    await log.sync();
    await log.close();
    const again = await temporary.open();
    expect(await valuesOf(again)).toEqual(['a', 'b']);
    await again.close();
  });
});
