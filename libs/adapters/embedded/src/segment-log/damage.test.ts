import { readFile, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodePreamble, encodeRecords, PREAMBLE_BYTES, sealFrame } from './frame.js';
import { readFrom, record, TemporaryLog, valuesOf } from './temporary-log.test-support.js';

let temporary: TemporaryLog;
beforeEach(async () => {
  temporary = await TemporaryLog.create();
});
afterEach(() => temporary.remove());

/** Each value in a frame of its own; answers where the frames end. */
async function write(values: string[]): Promise<number[]> {
  const log = await temporary.open();
  const ends: number[] = [];
  for (const value of values) {
    await log.append([record(value)]);
    ends.push(log.bytes);
  }
  await log.close();
  return ends;
}

describe('E02: a torn tail', () => {
  it('is cut wherever the last frame was cut off, and appending goes on', async () => {
    const ends = await write(['first', 'second', 'third is the torn one']);
    const whole = await readFile((await temporary.segments())[0] as string);
    for (let length = ends[1] as number; length < (ends[2] as number); length++) {
      await temporary.rewrite(0, () => whole.subarray(0, length));
      temporary.reports.length = 0;
      const log = await temporary.open();
      expect(await valuesOf(log)).toEqual(['first', 'second']);
      const cut = length - (ends[1] as number);
      expect(temporary.reports).toEqual(cut > 0 ? [{ type: 'cut', bytes: cut }] : []);
      await log.append([record('after')]);
      expect(await valuesOf(log)).toEqual(['first', 'second', 'after']);
      await log.close();
      const again = await temporary.open();
      expect(await valuesOf(again)).toEqual(['first', 'second', 'after']);
      await again.close();
    }
  });

  it('of zeros, as a file system may leave it after a power cut, is cut', async () => {
    await write(['first', 'second']);
    await temporary.rewrite(0, (bytes) => Buffer.concat([bytes, Buffer.alloc(300_000)]));
    const log = await temporary.open();
    expect(await valuesOf(log)).toEqual(['first', 'second']);
    expect(temporary.reports).toEqual([{ type: 'cut', bytes: 300_000 }]);
    await log.close();
  });

  it('a new segment that was never finished keeps its number, and the state is found before it', async () => {
    const log = await temporary.open({ segmentBytes: 100 });
    await log.append([record('a')], Buffer.from('state a'));
    await log.append([record('b')]);
    await log.close();
    for (let length = 0; length < PREAMBLE_BYTES + 30; length++) {
      await temporary.rewrite(-1, (bytes) => bytes.subarray(0, length));
      const again = await temporary.open();
      expect([again.next, again.state?.toString(), await valuesOf(again)]).toEqual([1, 'state a', ['a']]);
      await again.close();
    }
  });

  it('offsets of a last frame that is damaged are not given again', async () => {
    const ends = await write(['first', 'second', 'third']);
    await temporary.rewrite(0, (bytes) => flipped(bytes, (ends[2] as number) - 1));
    for (let round = 0; round < 2; round++) {
      const log = await temporary.open();
      expect([log.next, await valuesOf(log)]).toEqual([3, ['first', 'second']]);
      await log.close();
    }
    const log = await temporary.open();
    expect(await log.append([record('fourth')])).toBe(3);
    expect(await readFrom(log)).toEqual([
      { offset: 0, value: 'first' },
      { offset: 1, value: 'second' },
      { offset: 3, value: 'fourth' },
    ]);
    await log.close();
  });
});

describe('E02: a flipped bit', () => {
  it('anywhere in a middle frame loses that frame alone, counted once and reported', async () => {
    const ends = await write(['first', 'second', 'third', 'fourth']);
    const whole = await readFile((await temporary.segments())[0] as string);
    const [from, to] = [ends[0] as number, ends[1] as number];
    for (let position = from; position < to; position++) {
      await temporary.rewrite(0, () => flipped(whole, position, position % 8));
      temporary.reports.length = 0;
      const log = await temporary.open();
      expect(await valuesOf(log)).toEqual(['first', 'third', 'fourth']);
      expect(await readFrom(log, 1)).toEqual([
        { offset: 2, value: 'third' },
        { offset: 3, value: 'fourth' },
      ]);
      expect(log.next).toBe(4);
      expect(log.damagedFrames).toBe(1);
      expect(temporary.reports).toEqual([
        expect.objectContaining({ type: 'damaged', position: from, bytes: to - from }),
      ]);
      await log.close();
    }
  });

  it('anywhere in the preamble or the first frame loses at most that frame', async () => {
    const ends = await write(['first', 'second', 'third']);
    const whole = await readFile((await temporary.segments())[0] as string);
    for (let position = 0; position < (ends[0] as number); position++) {
      await temporary.rewrite(0, () => flipped(whole, position));
      const log = await temporary.open();
      const values = await valuesOf(log);
      expect(values).toEqual(position < PREAMBLE_BYTES ? ['first', 'second', 'third'] : ['second', 'third']);
      await log.close();
    }
  });

  it('in a closed segment is found when it is read, not at open', async () => {
    const log = await temporary.open({ segmentBytes: 200 });
    for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) await log.append([record(value.repeat(50))]);
    await log.close();
    expect((await temporary.segments()).length).toBeGreaterThan(2);
    const size = (await stat((await temporary.segments())[0] as string)).size;
    await temporary.rewrite(0, (bytes) => flipped(bytes, size - 1));
    const again = await temporary.open();
    expect(temporary.reports).toEqual([]);
    const values = await valuesOf(again);
    expect(values.map((value) => value[0])).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].slice(6 - values.length));
    expect(values.length).toBeLessThan(6);
    expect(temporary.reports).toHaveLength(1);
    await again.close();
  });
});

describe('forged frames', () => {
  it('a value that contains a frame of another log is never read as one', async () => {
    const marker = Buffer.from('otherlog');
    const [frame] = encodeRecords([record('invented')]);
    sealFrame(frame!, marker, 7, 1);
    const forged = Buffer.concat([encodePreamble(marker), frame!.bytes]);
    const log = await temporary.open();
    await log.append([record('first')]);
    const begin = log.bytes;
    await log.append([record(forged)]);
    await log.append([record('last')]);
    await log.close();
    await temporary.rewrite(0, (bytes) => flipped(bytes, begin + 9));
    const again = await temporary.open();
    expect(await valuesOf(again)).toEqual(['first', 'last']);
    await again.close();
  });
});

function flipped(bytes: Buffer, position: number, bit = 0): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(position) ^ (1 << bit), position);
  return copy;
}
