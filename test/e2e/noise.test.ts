import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Standalone, until } from './standalone.js';
import { readHome } from './stored.js';

/** `node test/soak/noise.mjs` takes longer. */
const NOISE_SECONDS = Number(process.env['NOISE_SECONDS'] ?? 7);
const LINES_A_SECOND = 100_000;
const LINES_A_PIECE = 10_000;
/** One line in so many is an event; the others are what sshd says at `LogLevel DEBUG`. */
const LINES_AN_EVENT = Number(process.env['NOISE_LINES_AN_EVENT'] ?? 100);
/** Time to read and store what was held back, on a slow machine. */
const CATCH_UP_MS = NOISE_SECONDS * (10_000 + (2 * LINES_A_SECOND) / LINES_AN_EVENT);
const CPU_SHARE = 0.5;
/** What may be used at once after a quiet time, what one batch costs, and what the questions of this test cost. */
const CPU_SLACK_SECONDS = 2;
const MEMORY_CAP_MB = 600;
const BLOCKED_WITHIN_MS = 20_000;
const ATTACKER = '203.0.113.7';
const isLinux = process.platform === 'linux';

interface Figures {
  offered: number;
  blockedMs: number;
  cpuSeconds: number;
  wallSeconds: number;
  memoryMb: number;
}

(isLinux ? describe : describe.skip)('100,000 lines a second of one noisy program (needs /proc)', () => {
  const directory = new Standalone();
  const quiet = directory.path('quiet.log');
  const noisy = directory.path('noisy.log');
  const service = new Standalone({ FLEETWALL_COLLECTOR_FILES: `${quiet},${noisy}` });
  let figures: Figures;
  let offered = 0;
  let stored: string[];

  /** Keeps its rate by the clock, however long a piece takes. */
  async function makeNoise(seconds: number): Promise<void> {
    const file = openSync(noisy, 'a');
    const beganMs = performance.now();
    while (offered < seconds * LINES_A_SECOND) {
      const stamp = new Date().toISOString();
      let text = '';
      for (let i = 0; i < LINES_A_PIECE; i++) {
        const serial = offered++;
        const said =
          serial % LINES_AN_EVENT === 0
            ? `Connection closed by 198.18.${(serial >> 8) & 255}.${serial & 255} port ${serial} [preauth]`
            : `debug1: userauth-request for user user${serial} service ssh-connection method none [preauth]`;
        text += `${stamp} web-02 sshd[${serial}]: ${said}\n`;
      }
      writeSync(file, text);
      await pause(Math.max(0, (offered / LINES_A_SECOND) * 1_000 - (performance.now() - beganMs)));
    }
    closeSync(file);
  }

  /** One failure a second; resolves with the time from the last one to the block. */
  async function attack(): Promise<number> {
    for (let i = 1; i <= 5; i++) {
      await pause(1_000);
      const line = `${new Date().toISOString()} web-01 sshd[${i}]: Failed password for root from ${ATTACKER} port ${i} ssh2`;
      directory.append([line], 'quiet.log');
    }
    const beganMs = performance.now();
    await until('the block', () => service.isBlocked(ATTACKER), BLOCKED_WITHIN_MS);
    return performance.now() - beganMs;
  }

  beforeAll(
    async () => {
      for (const name of ['quiet.log', 'noisy.log']) directory.append([], name);
      await service.start();
      const [cpuBefore, before] = [service.cpuSeconds(), performance.now()];
      const [blockedMs] = await Promise.all([attack(), makeNoise(NOISE_SECONDS)]);
      const cpuSeconds = service.cpuSeconds() - cpuBefore;
      const wallSeconds = (performance.now() - before) / 1_000;
      await until('all to be read', async () => (await service.status()).read.lines >= offered + 5, CATCH_UP_MS);
      await until(
        'all to be stored',
        async () => (await service.status()).stored.created >= offered / LINES_AN_EVENT + 5,
      );
      figures = { offered, blockedMs, cpuSeconds, wallSeconds, memoryMb: service.memoryMb('VmHWM') };
      await service.stop();
      stored = (await readHome(service.home)).events.map((event) => event['event.original']);
    },
    CATCH_UP_MS * 2 + 120_000,
  );
  afterAll(async () => {
    await service.remove();
    await directory.remove();
  });

  it('E07: does not keep an attack in another file from being blocked', () => {
    const { blockedMs, cpuSeconds, wallSeconds, memoryMb } = figures;
    process.stderr.write(
      `noise: ${offered} lines in ${wallSeconds.toFixed(1)} s; attack blocked after ${blockedMs.toFixed(0)} ms; ` +
        `${(cpuSeconds / wallSeconds).toFixed(2)} of a core; at most ${memoryMb.toFixed(0)} MB\n`,
    );
    expect(blockedMs).toBeLessThan(BLOCKED_WITHIN_MS);
  });

  it('keeps the process to its share of the processor', () => {
    expect(figures.cpuSeconds).toBeLessThan(figures.wallSeconds * CPU_SHARE + CPU_SLACK_SECONDS);
  });

  it(`keeps the process below ${MEMORY_CAP_MB} MB`, () => {
    expect(figures.memoryMb).toBeLessThan(MEMORY_CAP_MB);
  });

  it('loses nothing, and stores nothing twice', () => {
    expect(stored.length).toBe(offered / LINES_AN_EVENT + 5);
    expect(new Set(stored).size).toBe(stored.length);
  });
});
