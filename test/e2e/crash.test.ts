import { readdirSync, renameSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Block } from '@fleetwall/core';
import { randomOf } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AttackLog, idleLine, writeAttackLog } from './attack-log.js';
import { Standalone, until } from './standalone.js';
import { foldAlerts, nameOf, readHome, type Stored } from './stored.js';

/** `npm run test:crash` takes 50. */
const CRASHES = Number(process.env['CRASHES'] ?? 8);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const PLAYS = 60;
const LONGEST_START_MS = 60_000;
const LAST = '203.0.113.99';

const service = new Standalone({ FLEETWALL_WINDOWS_SNAPSHOT_SECONDS: '2' });
const log: AttackLog = writeAttackLog(SEED, PLAYS);
const random = randomOf(SEED + 1);
const int = (below: number) => Math.floor(random() * below);
const eventLines: string[] = [];
let written = 0;
let idle = 0;

/**
 * Appends lines, a few at a time and stamped now, until the attack log is written up to `count` and the process is dead;
 * so it has always just begun, or not quite finished, something. Now and then the file is rotated, as logrotate does it.
 */
async function writeUpTo(count: number, isDead: () => boolean): Promise<void> {
  while (written < count || !isDead()) {
    const piece = log.lines.slice(written, Math.min(count, written + 1 + int(3)));
    written += piece.length;
    for (let i = int(16); i > 0; i--) piece.push(idleLine(++idle));
    const stamp = new Date().toISOString();
    const lines = piece.map(({ rest, isEvent }) => ({ line: `${stamp} ${rest}`, isEvent }));
    service.append(lines.map(({ line }) => line));
    for (const { line, isEvent } of lines) if (isEvent) eventLines.push(line);
    if (random() < 0.003) rotate();
    await pause(random() * 8);
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

/** One more attacker, after everything else: what is told of it was told of everything before it. */
async function attackLast(): Promise<void> {
  const attempt = (i: number) => {
    const line = `${new Date().toISOString()} web-01 sshd[${i}]: Failed password for last from ${LAST} port ${i} ssh2`;
    service.append([line]);
    eventLines.push(line);
  };
  for (let i = 1; i <= 5; i++) attempt(i);
  await until('the last block', () => service.isBlocked(LAST), 90_000);
  // The growth of alerts is told once a second.
  attempt(6);
  await until('the last attempt to be told of', async () => {
    const reasons = (await service.blocks()).find(({ target }) => target === LAST)?.reasons ?? [];
    return reasons.length === 2 && reasons.every((reason) => reason.type === 'alert' && reason.count === 6);
  });
  await until('the last event to be stored', async () => (await service.latestOf(LAST)) === 6);
  log.fates.set(LAST, 'active');
  for (const rule of ['fast-brute-force', 'slow-grind']) log.alerts.set(`${rule} ${LAST}`, 6);
}

describe(`E01: a process killed ${CRASHES} times while it works (SEED=${SEED})`, () => {
  let stored: Stored;

  beforeAll(
    async () => {
      service.append([]);
      await service.start(LONGEST_START_MS);
      await service.kill();
      for (let i = 1; i <= CRASHES; i++) {
        let isDead = false;
        const crashing = crash().finally(() => {
          isDead = true;
        });
        await Promise.all([writeUpTo(Math.ceil((log.lines.length * i) / CRASHES), () => isDead), crashing]);
      }
      await service.start(LONGEST_START_MS);
      await attackLast();
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
    // What was held is active once its minutes are over.
    const stateOf = ({ target, state }: Block) => (state === 'active' ? (log.fates.get(target) ?? state) : state);
    const blocks = stored.blocks.map((block) => `${block.target} ${block.scope.type} ${stateOf(block)}`);
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
