import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnTypeScript } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { readFrom, TemporaryLog } from './temporary-log.test-support.js';

const CHILD = fileURLToPath(new URL('./kill-child.test-support.ts', import.meta.url));
const KILLS = 20;

it('E01: everything acknowledged is there after kill -9 at random moments', async () => {
  const temporary = await TemporaryLog.create();
  let before = 0;
  for (let round = 0; round < KILLS; round++) {
    const acknowledged = await runAndKill(temporary.directory, 1 + Math.floor(Math.random() * 40));
    expect(acknowledged).toBeGreaterThan(before);
    const log = await temporary.open();
    expect(log.next).toBeGreaterThanOrEqual(acknowledged);
    expect(Number(log.state?.toString())).toBeGreaterThanOrEqual(acknowledged);
    expect(log.next).toBeGreaterThanOrEqual(Number(log.state?.toString()));
    const read = await readFrom(log, before);
    expect(read.map(({ offset }) => offset)).toEqual(Array.from(read, (_, i) => before + i));
    expect(read.length).toBe(log.next - before);
    for (const { offset, value } of read) expect(value.startsWith(`value ${offset} `)).toBe(true);
    before = log.next;
    await log.close();
  }
  await temporary.remove();
}, 120_000);

/** Kills the child a random moment after it has printed that many lines; answers the last number it printed. */
async function runAndKill(directory: string, lines: number): Promise<number> {
  const child = spawnTypeScript(CHILD, [directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let last = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    last = Number(line);
    if (++count === lines) setTimeout(() => child.kill('SIGKILL'), Math.random() * 5);
  }
  await exited;
  return last;
}
