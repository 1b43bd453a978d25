import { appendFileSync, readdirSync, renameSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { randomOf } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AttackLog, writeAttackLog } from './attack-log.js';
import { Standalone, until } from './standalone.js';
import { foldAlerts, nameOf, readHome, type Stored } from './stored.js';

/** `npm run test:crash` takes 50. */
const CRASHES = Number(process.env['CRASHES'] ?? 8);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const PLAYS = 60;
const NOISE_PER_LINE = 8;
const LONGEST_START_MS = 60_000;
/** The last to attack: what is known of it is known of everything before it. */
const LAST = '203.0.113.99';

const service = new Standalone({ FLEETWALL_WINDOWS_SNAPSHOT_SECONDS: '2' });
const log: AttackLog = writeAttackLog(SEED, PLAYS, NOISE_PER_LINE);
const random = randomOf(SEED + 1);
const eventLines: string[] = [];
let written = 0;

/** Appends the next lines, stamped now; in between the file is rotated, as logrotate does it. */
async function writeUpTo(count: number): Promise<void> {
  while (written < count) {
    const piece = log.lines.slice(written, Math.min(count, written + 1 + Math.floor(random() * 400)));
    const stamp = new Date().toISOString();
    const lines = piece.map(({ rest, isEvent }) => ({ line: `${stamp} ${rest}`, isEvent }));
    appendFileSync(service.path('auth.log'), lines.map(({ line }) => `${line}\n`).join(''));
    for (const { line, isEvent } of lines) if (isEvent) eventLines.push(line);
    written += piece.length;
    if (random() < 0.05) rotate();
    await pause(random() * 80);
  }
}

function rotate(): void {
  const numbers = readdirSync(service.directory).flatMap((name) => /^auth\.log\.(\d+)$/.exec(name)?.[1] ?? []);
  for (const number of numbers.map(Number).sort((a, b) => b - a)) {
    renameSync(service.path(`auth.log.${number}`), service.path(`auth.log.${number + 1}`));
  }
  renameSync(service.path('auth.log'), service.path('auth.log.1'));
  service.append([]);
}

async function crash(): Promise<void> {
  service.spawn();
  if (random() < 0.25) {
    await pause(50 + random() * 3_000);
  } else {
    await until('the process to be ready', () => service.isReady(), LONGEST_START_MS);
    await pause(50 + random() * 1_450);
  }
  await service.kill();
}

/** Whether the decisions are made, and the last lines searchable. */
async function isDone(): Promise<boolean> {
  const blocks = await service.blocks();
  const counts = new Map<string, number>();
  for (const { target, reasons } of blocks) {
    for (const reason of reasons) if (reason.type === 'alert') counts.set(`${reason.rule} ${target}`, reason.count);
  }
  for (const [alert, count] of log.alerts) {
    if (!alert.startsWith('distributed') && counts.get(alert) !== count) return false;
  }
  const known = new Set(blocks.map(({ target }) => target));
  const decided = [...log.fates].every(([address, fate]) => fate === 'spared' || known.has(address));
  return decided && (await service.latestOf(LAST)) === 5;
}

describe(`a process killed ${CRASHES} times while it works (SEED=${SEED})`, () => {
  let stored: Stored;

  beforeAll(
    async () => {
      service.append([]);
      await service.start(LONGEST_START_MS);
      await service.kill();
      for (let i = 1; i <= CRASHES; i++) {
        await Promise.all([writeUpTo(Math.ceil((log.lines.length * i) / CRASHES)), crash()]);
      }
      const stamp = new Date().toISOString();
      const last = [1, 2, 3, 4, 5].map(
        (i) => `${stamp} web-01 sshd[${i}]: Failed password for last from ${LAST} port ${i} ssh2`,
      );
      service.append(last);
      eventLines.push(...last);
      log.fates.set(LAST, 'active');
      for (const rule of ['fast-brute-force', 'slow-grind']) log.alerts.set(`${rule} ${LAST}`, 5);
      await service.start(LONGEST_START_MS);
      await until('every decision', isDone, 60_000).catch(() => undefined);
      await service.stop();
      stored = await readHome(service.home);
    },
    CRASHES * 30_000 + 200_000,
  );
  afterAll(() => service.remove());

  it('stores every event once', () => {
    const lines = stored.events.map((event) => event['event.original']);
    expect(differences(lines, eventLines)).toEqual({ missing: [], tooMany: [] });
  });

  it('gives every attacker one alert for each rule, and nobody else one', () => {
    const alerts = foldAlerts(stored.alerts);
    expect(differences(alerts.map(nameOf), [...log.alerts.keys()])).toEqual({ missing: [], tooMany: [] });
  });

  it('counts every attempt in its window once', () => {
    const counts = foldAlerts(stored.alerts).map((alert) => [nameOf(alert), alert.count] as const);
    expect(new Map(counts)).toEqual(log.alerts);
  });

  it('never tells two things under one version of an alert', () => {
    const told = new Map<string, string>();
    const contradictions = stored.alerts.filter((change) => {
      const key = `${change.id} ${change.version}`;
      const isOther = told.has(key) && told.get(key) !== JSON.stringify(change);
      told.set(key, JSON.stringify(change));
      return isOther;
    });
    expect(contradictions).toEqual([]);
  });

  it('keeps every block, and only those', () => {
    const blocks = stored.blocks.map(({ target, scope, state }) => `${target} ${scope.type} ${state}`);
    const expected = [...log.fates].flatMap(([address, fate]) =>
      fate === 'spared' ? [] : [`${address} fleet ${fate}`],
    );
    expect(differences(blocks, expected)).toEqual({ missing: [], tooMany: [] });
  });
});

/** What is expected more often than it is there, and the other way round. */
function differences(actual: readonly string[], expected: readonly string[]): { missing: string[]; tooMany: string[] } {
  const balance = new Map<string, number>();
  for (const text of expected) balance.set(text, (balance.get(text) ?? 0) + 1);
  for (const text of actual) balance.set(text, (balance.get(text) ?? 0) - 1);
  const those = (isWrong: (n: number) => boolean) => [...balance].filter(([, n]) => isWrong(n)).map(([text]) => text);
  return { missing: those((n) => n > 0), tooMany: those((n) => n < 0) };
}
