import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type LineFileKind, LogFile } from './log-file.js';

const directory = mkdtempSync(join(tmpdir(), 'fleetwall-log-file-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function read(content: string | Buffer) {
  const path = join(directory, 'a.log');
  writeFileSync(path, content);
  const file = new LogFile(path);
  const lines: [number, string][] = [];
  const cut: number[] = [];
  for await (const chunk of file.chunks()) {
    while (chunk.next()) {
      if (chunk.isCut) cut.push(lines.length);
      lines.push([chunk.offset, chunk.line()]);
    }
  }
  const again = await file.linesAt(lines.map(([offset]) => offset));
  expect([...again]).toEqual(lines);
  return { lines, cut };
}

describe('lines of a file', () => {
  it('end with a line feed, with or without a carriage return, the last one also without; empty ones are none', async () => {
    const { lines } = await read('one\ntwo\r\n\n\r\nthree');
    expect(lines).toEqual([
      [0, 'one'],
      [4, 'two'],
      [12, 'three'],
    ]);
  });

  it('are UTF-8; what is not becomes U+FFFD', async () => {
    const { lines } = await read(
      Buffer.concat([Buffer.from('Jiří\n'), Buffer.from([0xff, 0x61, 0x0a]), Buffer.from('b')]),
    );
    expect(lines).toEqual([
      [0, 'Jiří'],
      [7, '\ufffda'],
      [10, 'b'],
    ]);
  });

  it('keep their offsets over chunks, plain and compressed', async () => {
    const expected: [number, string][] = [];
    let offset = 0;
    for (let i = 0; i < 60_000; i++) {
      const line = `line ${i} ${'x'.repeat(i % 100)}`;
      expected.push([offset, line]);
      offset += line.length + 1;
    }
    const content = expected.map(([, line]) => `${line}\n`).join('');
    expect((await read(content)).lines).toEqual(expected);
    expect((await read(gzipSync(content))).lines).toEqual(expected);
  });

  it('are cut at 64 KiB', async () => {
    const long = 'y'.repeat(3 << 20);
    const { lines, cut } = await read(`a\n${long}\nb\n${long.slice(0, 70_000)}\nc\n${long}`);
    const head = 'y'.repeat(65_536);
    expect(lines.map(([, line]) => line)).toEqual(['a', head, 'b', head, 'c', head]);
    expect(lines[2]?.[0]).toBe(long.length + 3);
    expect(cut).toEqual([1, 3, 5]);
  });

  it('that gunzip cannot read are refused with the name of the file', async () => {
    const path = join(directory, 'short.log.gz');
    const whole = gzipSync('line\n'.repeat(1_000));
    writeFileSync(path, whole.subarray(0, whole.length - 20));
    const chunks = async () => {
      for await (const chunk of new LogFile(path).chunks()) chunk.next();
    };
    await expect(chunks()).rejects.toMatchObject({ code: 'Z_BUF_ERROR', path });
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  const text = Array.from({ length: 30_000 }, (_, i) => `${i} ${(i * 2_654_435_761) % 4_294_967_296}\n`).join('');
  onLinux.each<[LineFileKind, Buffer]>([
    ['text', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['utf16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])],
  ])('%s: leave no descriptor open when only the first of them are read', async (kind, content) => {
    const path = join(directory, `long.${kind}`);
    writeFileSync(path, content);
    for await (const chunk of new LogFile(path, kind).chunks()) {
      expect(chunk.next()).toBe(true);
      break;
    }
    const deadlineMs = Date.now() + 5_000;
    while (openPaths().includes(path) && Date.now() < deadlineMs) await new Promise((resolve) => setImmediate(resolve));
    expect(openPaths()).not.toContain(path);
  });
});

/** Of all descriptors of this process. */
function openPaths(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}
