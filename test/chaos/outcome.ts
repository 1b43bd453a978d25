import { LogFile, ReplayEngine } from '@fleetwall/cli';
import { readYamlFiles } from '@fleetwall/config';
import {
  type AlertChange,
  BLOCKS_EPOCH_KEY,
  type Block,
  type Bus,
  isNewerBlock,
  mergeAlert,
  type StoredAlert,
  TOPICS,
} from '@fleetwall/core';
import { loadRules } from '@fleetwall/detection';
import { loadPolicies } from '@fleetwall/response';
import type { Script } from './script.js';

/** What somebody says of the same logs, in texts that can be compared. */
export interface Outcome {
  /** One for each alert that stands: rule, key, how often, who. */
  alerts: string[];
  /** One for each block that stands: target, scope, which offence. */
  blocks: string[];
}

/** By the truth of the script. */
export function expectedOf({ alerts, blocked }: Pick<Script, 'alerts' | 'blocked'>): Outcome {
  return {
    alerts: [...alerts].map(([name, { knownGood, count, contributors }]) =>
      alertText(name, knownGood, count, contributors),
    ),
    blocks: [...blocked].map((target) => `${target} fleet offence 1`),
  };
}

/** What `fleetwall replay` says of the files, with the shipped rules and policies. */
export async function replayOf(paths: readonly string[]): Promise<Outcome & { lines: number; events: number }> {
  const rules = loadRules(await readYamlFiles('rules'));
  const policies = loadPolicies(await readYamlFiles('policies'));
  const engine = new ReplayEngine({ rules, policies, zone: 'UTC' });
  const { alerts, blocks, lines, events } = await engine.run(paths.map((path) => new LogFile(path)));
  const texts = alerts.map(({ contributors, ...change }) => textOf(change, [...contributors]));
  return { lines, events, alerts: texts, blocks: blocks.filter(isStanding).map(blockText) };
}

/** What the topics of alerts and blocks say, as their readers read them. */
export async function topicsOf(bus: Bus): Promise<Outcome & { contradictions: string[] }> {
  const alerts = new Map<string, StoredAlert>();
  const told = new Map<string, string>();
  const contradictions: string[] = [];
  await readAll(bus, TOPICS.alerts, (_, value) => {
    const change = JSON.parse(value) as AlertChange;
    const name = `${change.id} ${change.version}`;
    if (told.has(name) && told.get(name) !== value) contradictions.push(name);
    told.set(name, value);
    alerts.set(change.id, mergeAlert(alerts.get(change.id), change));
  });
  const blocks = new Map<string, Block>();
  await readAll(bus, TOPICS.blocks, (key, value) => {
    if (key === BLOCKS_EPOCH_KEY || value === '') return;
    const block = JSON.parse(value) as Block;
    if (isNewerBlock(block, blocks.get(key))) blocks.set(key, block);
  });
  return { ...outcomeOf([...alerts.values()], [...blocks.values()]), contradictions };
}

export function outcomeOf(alerts: readonly StoredAlert[], blocks: readonly Block[]): Outcome {
  return {
    alerts: alerts
      .filter(({ state }) => state !== 'withdrawn')
      .map((alert) =>
        textOf(
          alert,
          alert.contributors.map(({ value }) => value),
        ),
      ),
    blocks: blocks.filter(isStanding).map(blockText),
  };
}

/** What is expected more often than it is there, and the other way round. */
export function differences(actual: Iterable<string>, expected: Iterable<string>): string[] {
  const balance = new Map<string, number>();
  for (const text of expected) balance.set(text, (balance.get(text) ?? 0) - 1);
  for (const text of actual) balance.set(text, (balance.get(text) ?? 0) + 1);
  return [...balance].filter(([, n]) => n !== 0).map(([text, n]) => `${n < 0 ? 'missing' : 'too many'}: ${text}`);
}

function textOf(
  { rule, key, knownGood, count }: Pick<AlertChange, 'rule' | 'key' | 'knownGood' | 'count'>,
  contributors: string[],
): string {
  return alertText(`${rule} ${Object.values(key).join(' ')}`, knownGood, count, contributors);
}

function alertText(name: string, knownGood: boolean, count: number, contributors: readonly string[]): string {
  const told = contributors.length > 0 ? ` by ${[...contributors].sort().join(' ')}` : '';
  return `${name}: ${count}${knownGood ? ' of a known user' : ''}${told}`;
}

/** Held ones stand: in minutes, unless a success comes, they are active. */
function isStanding({ state }: Block): boolean {
  return state === 'active' || state === 'held';
}

function blockText({ target, scope, offence, history }: Block): string {
  return `${target} ${scope.type} offence ${offence}${history.length > 0 ? `, ${history.length} before` : ''}`;
}

async function readAll(bus: Bus, topic: string, take: (key: string, value: string) => void): Promise<void> {
  const follower = await bus.follow({ topic, onRecord: ({ key, value }) => take(key, `${value}`) });
  await follower.caughtUp;
  await follower.stop();
}
