import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LineReader } from '@fleetwall/collector';
import { readYamlFiles } from '@fleetwall/config';
import { type AlertChange, countingSpecs, encodeEvent, type FleetEvent, TOPICS, topicSpecs } from '@fleetwall/core';
import { CorrelationPipeline, FileSnapshotStore } from '@fleetwall/correlation-service';
import { loadRules, type RuleSet } from '@fleetwall/detection';
import { createEmbeddedBus } from '@fleetwall/embedded';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeAttackLog } from './attack-log.js';
import { until } from './standalone.js';
import { foldAlerts } from './stored.js';

const SEED = 7;
const BATCH_EVENTS = 40;
const directory = mkdtempSync(join(tmpdir(), 'fleetwall-snapshots-'));
const before = join(directory, 'before');
let rules: RuleSet;
let events: FleetEvent[];
let undamaged: AlertChange[];

/** Events as the gateway publishes them, a second apart up to now. */
function eventsOf(): FleetEvent[] {
  const log = writeAttackLog(SEED, 15);
  const reader = new LineReader({ agentId: 'agent', seed: [1, 2, 3], host: 'web-01', zone: 'UTC', clock: Date.now });
  const beganMs = Date.now() - log.lines.length * 1_000;
  return log.lines.flatMap(({ rest }, i) => {
    const text = `${new Date(beganMs + i * 1_000).toISOString()} ${rest}`;
    const event = reader.read({
      text,
      truncated: false,
      id: `line-${i}`,
      stream: 'auth.log',
      history: false,
      readMs: 0,
    });
    return event ? [{ ...event, 'event.ingested': event['@timestamp'], 'organization.id': 'default' }] : [];
  });
}

/** Runs the correlation over a home with these events added; answers the alerts there are then, and what it noticed. */
async function correlate(home: string, added: readonly FleetEvent[]) {
  const bus = await createEmbeddedBus({ directory: join(home, 'bus') });
  await bus.declare([...topicSpecs(1), ...countingSpecs(1, 40 * 86_400_000)]);
  const notices: string[] = [];
  const onNotice = (text: string) => void notices.push(text);
  const pipeline = new CorrelationPipeline({
    bus,
    clock: Date.now,
    rules,
    snapshots: new FileSnapshotStore(join(home, 'windows'), onNotice),
    seed: [1, 2, 3],
    maxWindowBytes: 64 << 20,
    snapshotEveryMs: 0,
    onError: (error) => onNotice(String(error)),
    onNotice,
  });
  const changes: AlertChange[] = [];
  const follower = await bus.follow({
    topic: TOPICS.alerts,
    onRecord: ({ value }) => void changes.push(JSON.parse(`${value}`) as AlertChange),
  });
  await pipeline.start();
  for (let at = 0; at < added.length; at += BATCH_EVENTS) {
    const batch = added.slice(at, at + BATCH_EVENTS);
    await bus.publish(
      TOPICS.securityEvents,
      batch.map((event) => ({ key: 'web', value: Buffer.from(encodeEvent(event)) })),
    );
    await until('the batch', () => pipeline.stats.events >= at + batch.length);
  }
  await until('the windows', async () => {
    const [range] = await bus.ranges(TOPICS.observations);
    return offsetsIn(home).includes(range?.high ?? 0);
  });
  await pipeline.stop();
  await follower.caughtUp;
  await follower.stop();
  await bus.close();
  return { alerts: foldAlerts(changes), notices };
}

function offsetsIn(home: string): number[] {
  return snapshotsIn(home).map((path) => Number(/(\d+)\.snapshot$/.exec(path)?.[1]));
}

/** Newest first. */
function snapshotsIn(home: string): string[] {
  const windows = join(home, 'windows');
  const names = readdirSync(windows).filter((name) => name.endsWith('.snapshot'));
  return names
    .sort()
    .reverse()
    .map((name) => join(windows, name));
}

function edit(path: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(path, change(readFileSync(path)));
}

/** A whole file whose first part, the state, says that it is of another version. */
function ofOtherVersion(file: Buffer): Buffer {
  const magicEnd = file.indexOf('\n') + 1;
  const headerEnd = file.indexOf('\n', magicEnd) + 1;
  const length = Number(/ (\d+) \d+\n$/.exec(file.toString('utf8', magicEnd, headerEnd))?.[1]);
  const state = JSON.parse(file.toString('utf8', headerEnd, headerEnd + length)) as object;
  const bytes = Buffer.from(JSON.stringify({ ...state, version: 99 }));
  const header = Buffer.from(`"state" ${bytes.length} ${crc32(bytes)}\n`);
  return Buffer.concat([file.subarray(0, magicEnd), header, bytes, file.subarray(headerEnd + length)]);
}

/** Of alerts, what another run over the same events must give as well. */
const told = (alerts: readonly AlertChange[]) =>
  alerts.map(({ id, rule, key, state, count, firstMs, lastMs }) => ({ id, rule, key, state, count, firstMs, lastMs }));

describe('E10: a snapshot of the windows that is of no use', () => {
  beforeAll(async () => {
    rules = loadRules(await readYamlFiles('rules'));
    events = eventsOf();
    await correlate(before, events.slice(0, events.length / 2));
    cpSync(before, join(directory, 'undamaged'), { recursive: true });
    undamaged = (await correlate(join(directory, 'undamaged'), events.slice(events.length / 2))).alerts;
  }, 60_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is there to be damaged, and alerts to be compared', () => {
    expect(snapshotsIn(before).length).toBe(2);
    expect(undamaged.length).toBeGreaterThan(60);
  });

  it.each<[string, RegExp, (paths: string[]) => void]>([
    ['truncated', /passed over/, ([newest = '']) => truncateSync(newest, 1_000)],
    ['empty', /passed over/, ([newest = '']) => truncateSync(newest, 0)],
    ['with a flipped bit', /passed over/, ([newest = '']) => edit(newest, flipped)],
    ['of another layout', /passed over/, ([newest = '']) => edit(newest, (b) => Buffer.from(`future 9\n${b}`))],
    ['of another version', /not usable: .*version 99/, ([newest = '']) => edit(newest, ofOtherVersion)],
    ['beyond the commit', /beyond the commit/, ([newest = '']) => renameSync(newest, renamed(newest))],
    [
      'a directory',
      /cannot be read/,
      ([newest = '']) => {
        rmSync(newest);
        mkdirSync(newest);
      },
    ],
    [
      'damaged like all others',
      /passed over/,
      (paths) => {
        for (const path of paths) edit(path, flipped);
      },
    ],
  ])(
    'changes no alert: %s',
    async (name, notice, damage) => {
      const home = join(directory, name);
      cpSync(before, home, { recursive: true });
      damage(snapshotsIn(home));
      const { alerts, notices } = await correlate(home, events.slice(events.length / 2));
      expect(told(alerts)).toEqual(told(undamaged));
      expect(notices.join('\n')).toMatch(notice);
    },
    60_000,
  );

  it('changes no alert: all removed', async () => {
    const home = join(directory, 'removed');
    cpSync(before, home, { recursive: true });
    rmSync(join(home, 'windows'), { recursive: true });
    const { alerts } = await correlate(home, events.slice(events.length / 2));
    expect(told(alerts)).toEqual(told(undamaged));
  }, 60_000);
});

function flipped(file: Buffer): Buffer {
  const at = file.length >> 1;
  file[at] = (file[at] as number) ^ 1;
  return file;
}

/** Another offset in the name. */
function renamed(path: string): string {
  return path.replace(/\d+(?=\.snapshot$)/, (digits) =>
    String(Number(digits) + 1_000_000).padStart(digits.length, '0'),
  );
}
