import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DetectionSources, detectionSources, readDetections } from '@fleetwall/config';
import {
  type AlertChange,
  type Bus,
  type BusRecord,
  encodeEvent,
  type FleetEvent,
  type OutRecord,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import { CorrelationPipeline, declareCounting, FileSnapshotStore } from '@fleetwall/correlation-service';
import { ObservationDecoder } from '@fleetwall/detection';
import { ResponsePipeline } from '@fleetwall/response-service';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(600_000);

/** All of them take some minutes. */
const RELOADS = process.env['FLEETWALL_TEST_REAL'] === '1' ? 100 : 20;
const EVENTS_PER_SECOND = 20_000;
const STEP_MS = 5;
const ADDRESSES = 400;
/** What is under way at most: a machine that carries less than the rate gets what it carries. */
const MAX_BACKLOG = 250;

const plainOf = (set: string) => `title: Failure as set ${set} sees it
name: failure-${set}
taxonomy: ecs
logsource: { category: authentication }
detection: { s: { event.outcome: failure }, condition: s }
level: informational
`;
const countedOf = (set: string, groupBy: string) => `title: Set ${set} by ${groupBy}
name: by-${groupBy.replace('.', '-')}-${set}
taxonomy: ecs
correlation: { type: event_count, rules: [failure-${set}], group-by: [${groupBy}], timespan: 1h, condition: { gte: 5 } }
level: high
tags: [set.${set}]
`;
const STAYS = `${plainOf('any')}---
title: Stays
name: stays
taxonomy: ecs
correlation: { type: event_count, rules: [failure-any], group-by: [source.ip], timespan: 1h, condition: { gte: 5 } }
level: high
`;
const setOf = (set: string) => [plainOf(set), countedOf(set, 'source.ip'), countedOf(set, 'user.name')].join('---\n');
const policyOf = (set: string) => `name: policy-${set}
match: { rules: [by-source-ip-${set}] }
block: source.ip
dryRun: true
`;

describe('E12: rules are changed under load', () => {
  let directory: string;
  let bus: Bus;
  let sources: DetectionSources;
  let correlation: CorrelationPipeline;
  let response: ResponsePipeline;
  let published = 0;
  let isFeeding = true;
  const errors: unknown[] = [];

  const rules = () => join(directory, 'rules');
  /** Rules and policies of a set in one stroke, as a mount or a package does it. */
  const put = (set: string, text = setOf(set)) => {
    const next = join(directory, 'next');
    mkdirSync(next);
    for (const [name, content] of [
      ['stays', STAYS],
      ['set', text],
    ] as const)
      writeFileSync(join(next, `${name}.yml`), content);
    const old = join(directory, 'old');
    writeFileSync(join(directory, 'policy.draft'), policyOf(set));
    renameSync(rules(), old);
    renameSync(next, rules());
    renameSync(join(directory, 'policy.draft'), join(directory, 'policies/a.yml'));
    rmSync(old, { recursive: true });
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-reload-'));
    for (const name of ['rules', 'policies']) mkdirSync(join(directory, name));
    put('a');
    sources = detectionSources({ rules: [rules()], policies: join(directory, 'policies') });
    const { rules: first, policies } = await readDetections(sources);
    bus = createMemoryBus();
    await bus.declare(topicSpecs(1));
    await declareCounting(bus, 1, first);
    const onError = (error: unknown) => void errors.push(error);
    correlation = new CorrelationPipeline({
      ...{ bus, clock: Date.now, rules: first, seed: [1, 2, 3], maxWindowBytes: 1 << 22 },
      ...{ snapshots: new FileSnapshotStore(join(directory, 'windows')), snapshotEveryMs: 60_000 },
      ...{ onError, onNotice: (text: string) => errors.push(text) },
    });
    const registry = createMemoryRegistry();
    response = new ResponsePipeline({ bus, registry, clock: Date.now, policies, tenancy: 'one', onError });
    await response.start();
    await correlation.start();
  });
  afterEach(async () => {
    isFeeding = false;
    await correlation.stop();
    await response.stop();
    await bus.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Failures at the rate of the case, or at what this machine carries, until told to end. */
  const feed = async () => {
    const beganMs = performance.now();
    while (isFeeding) {
      const due = Math.floor(((performance.now() - beganMs) / 1_000) * EVENTS_PER_SECOND);
      for (const end = Math.min(due, correlation.stats.events + MAX_BACKLOG); published < end; ) {
        const records: OutRecord[] = [];
        while (records.length < 500 && published < end) records.push(recordOf(published++));
        await bus.publish(TOPICS.securityEvents, records);
      }
      await pause(STEP_MS);
    }
  };
  /** What a service does with files that changed. */
  const reload = async () => {
    const changed = await readDetections(sources);
    await declareCounting(bus, 1, changed.rules);
    correlation.use(changed.rules);
    response.use(changed.policies);
  };
  const until = async (what: string, isSo: () => Promise<boolean> | boolean) => {
    for (const endMs = Date.now() + 60_000; !(await isSo()) && Date.now() < endMs; ) await pause(STEP_MS);
    if (!(await isSo())) throw new Error(`not in time: ${what}; ${errors.join(' | ')}`);
  };
  const recordsOf = async (topic: string) => {
    const records: BusRecord[] = [];
    const follower = await bus.follow({ topic, onRecord: (record) => void records.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return records;
  };
  const countedTo = () => correlation.partitionStats()[0]?.counted;
  const high = async () => (await bus.ranges(TOPICS.observations))[0]?.high;

  it(`${RELOADS} times, once with a bad file: every event by one set, no alert of two, counts of what stays are kept`, async () => {
    const feeding = feed();
    await until('load', () => correlation.stats.events > 1_000);
    for (let reloads = 1; reloads <= RELOADS; reloads++) {
      const set = reloads % 2 === 0 ? 'a' : 'b';
      const events = correlation.stats.events;
      if (reloads === RELOADS / 2) {
        put(set, setOf(set).replace('condition: s }', 'condition: nothing }'));
        await expect(reload()).rejects.toMatchObject({ position: expect.stringMatching(/set\.yml:\d+:\d+$/) });
        await until('events by the old set', () => correlation.stats.events > events + 500);
      }
      put(set);
      await reload();
      await until(`events by set ${reloads}`, () => correlation.stats.events > events);
    }
    isFeeding = false;
    await feeding;
    await until('all to be matched', () => correlation.stats.events === published);
    await until('all to be counted', async () => countedTo() === (await high()));
    expect(errors).toEqual([]);

    const judgedBy = judgements(await recordsOf(TOPICS.observations));
    expect(judgedBy.size).toBe(published);
    expect([...judgedBy.values()].filter((sets) => sets.length !== 2 || new Set(sets).size !== 1)).toEqual([]);
    expect(new Set([...judgedBy.values()].flat())).toEqual(new Set(['a', 'b']));

    const alerts = (await recordsOf(TOPICS.alerts)).map(({ value }) => JSON.parse(`${value}`) as AlertChange);
    for (const { rule, title, tags } of alerts.filter(({ rule }) => rule !== 'stays')) {
      const set = rule.at(-1);
      expect({ title: title.slice(0, 5), tags }).toEqual({ title: `Set ${set}`, tags: [`set.${set}`] });
    }
    const stays = alerts.filter(({ rule }) => rule === 'stays');
    expect(new Set(stays.map(({ id }) => id)).size).toBe(ADDRESSES);
    expect(stays.filter(({ state }) => state !== 'open')).toEqual([]);
    await until('every failure to be told', async () => (await toldBy('stays')) === published);
    // Alerts of the set that is not in force are over.
    await until('the others to be over', async () => (await openOf('b')) === 0);
  });

  const finals = async () => {
    const alerts = (await recordsOf(TOPICS.alerts)).map(({ value }) => JSON.parse(`${value}`) as AlertChange);
    return [...new Map(alerts.map((alert) => [alert.id, alert])).values()];
  };
  const toldBy = async (rule: string) =>
    (await finals()).filter((alert) => alert.rule === rule).reduce((sum, { count }) => sum + count, 0);
  const openOf = async (set: string) =>
    (await finals()).filter(({ rule, state }) => rule.endsWith(`-${set}`) && state === 'open').length;
});

/** By attempt: the set of each observation that counts it, one for its address and one for its account. */
function judgements(records: readonly BusRecord[]): Map<string, string[]> {
  const decoder = new ObservationDecoder();
  const judgedBy = new Map<string, string[]>();
  for (const { key, value } of records) {
    if (key === 'claim') continue;
    for (const { step, attemptId, rules } of decoder.decode(value)) {
      if (step !== 'count') continue;
      const sets = rules.filter((rule) => rule !== 'stays').map((rule) => rule.at(-1) as string);
      judgedBy.set(attemptId, [...(judgedBy.get(attemptId) ?? []), ...sets]);
    }
  }
  return judgedBy;
}

function recordOf(number: number): OutRecord {
  const address = `198.51.${100 + Math.floor((number % ADDRESSES) / 200)}.${1 + (number % 200)}`;
  const event: FleetEvent = {
    ...{ '@timestamp': Date.now(), 'event.ingested': Date.now(), 'event.original': 'x', 'event.kind': 'event' },
    ...{ 'event.module': 'sshd', 'event.category': ['authentication'], 'event.type': ['start'] },
    ...{ 'event.action': 'ssh-logon', 'event.outcome': 'failure', 'host.name': 'web-01', 'process.name': 'sshd' },
    ...{ 'source.ip': address, 'user.name': `user-${number % 50}`, 'fleetwall.evidence': 'handshake' },
    'fleetwall.attempt.id': number.toString(16).padStart(12, '0'),
  };
  return { key: address, value: Buffer.from(encodeEvent(event)) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
