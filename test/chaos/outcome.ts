import { LogFile, ReplayEngine } from '@fleetwall/cli';
import { readYamlFiles } from '@fleetwall/config';
import {
  type AlertChange,
  BLOCKS_EPOCH_KEY,
  type Block,
  type Bus,
  type BusRecord,
  mergeAlert,
  type StoredAlert,
  TOPICS,
} from '@fleetwall/core';
import { loadRules } from '@fleetwall/detection';
import { loadPolicies } from '@fleetwall/response';
import type { Unnamed } from './names.js';
import type { Script } from './script.js';

/** What somebody says of the same logs, in texts that can be compared. */
export interface Outcome {
  /** One for each alert that stands: rule, key, how often, who. */
  alerts: string[];
  /** One for each block that stands: target, scope, which offence. */
  blocks: string[];
}

const asIs: Unnamed = (text) => text;

/** By the truth of the script. */
export function expectedOf({ alerts, blocked }: Pick<Script, 'alerts' | 'blocked'>, unnamed = asIs): Outcome {
  return {
    alerts: [...alerts].map(([name, { knownGood, count, contributors }]) =>
      alertText(unnamed(name), knownGood, count, contributors.map(unnamed)),
    ),
    blocks: [...blocked].map((target) => `${target} fleet offence 1`),
  };
}

/** What `fleetwall replay` says of the files, with the shipped rules and policies. */
export async function replayOf(
  paths: readonly string[],
  unnamed = asIs,
): Promise<Outcome & { lines: number; events: number }> {
  const rules = loadRules(await readYamlFiles('rules'));
  const policies = loadPolicies(await readYamlFiles('policies'));
  const engine = new ReplayEngine({ rules, policies, zone: 'UTC' });
  const { alerts, book, lines, events } = await engine.run(paths.map((path) => new LogFile(path)));
  const texts = [...alerts()].map((alert) => textOf(alert, alert.contributors, unnamed));
  return { lines, events, alerts: texts, blocks: [...book()].filter(isStanding).map(blockText) };
}

/** What the topics of alerts and blocks say. */
export interface Told extends Outcome {
  /** Versions of alerts that were told of in two ways. */
  contradictions: string[];
  /** Blocks that began more than once. */
  begunAgain: string[];
}

/** As the readers of the topics read them. */
export async function topicsOf(bus: Bus, unnamed: Unnamed): Promise<Told> {
  const { alerts, contradictions } = await alertsOf(bus);
  const { blocks, begunAgain } = await blocksOf(bus);
  return { ...outcomeOf(alerts, blocks, unnamed), contradictions, begunAgain };
}

async function alertsOf(bus: Bus): Promise<{ alerts: StoredAlert[]; contradictions: string[] }> {
  const alerts = new Map<string, StoredAlert>();
  const told = new Map<string, string>();
  const contradictions: string[] = [];
  await readAll(bus, TOPICS.alerts, ({ value }) => {
    const change = JSON.parse(`${value}`) as AlertChange;
    const name = `${change.id} ${change.version}`;
    if (told.has(name) && told.get(name) !== `${value}`) contradictions.push(name);
    told.set(name, `${value}`);
    alerts.set(change.id, mergeAlert(alerts.get(change.id), change));
  });
  return { alerts: [...alerts.values()], contradictions };
}

/** Records of a lower term than the highest so far are ignored, as every reader does. */
async function blocksOf(bus: Bus): Promise<{ blocks: Block[]; begunAgain: string[] }> {
  const blocks = new Map<string, Block>();
  const begun = new Map<string, Set<number>>();
  let highest = 0;
  await readAll(bus, TOPICS.blocks, ({ key, value, headers }) => {
    const term = Number(headers?.['term'] ?? 0);
    if (term < highest) return;
    highest = term;
    if (key === BLOCKS_EPOCH_KEY) return;
    if (value.length === 0) {
      blocks.delete(key);
      return;
    }
    const block = JSON.parse(`${value}`) as Block;
    blocks.set(key, block);
    // The minutes of a held one begin anew with each failure.
    if (block.state === 'active') begun.set(key, (begun.get(key) ?? new Set()).add(block.atMs));
  });
  const begunAgain = [...begun].filter(([, times]) => times.size > 1).map(([key]) => key);
  return { blocks: [...blocks.values()], begunAgain };
}

export function outcomeOf(alerts: readonly StoredAlert[], blocks: readonly Block[], unnamed: Unnamed): Outcome {
  return {
    alerts: alerts
      .filter(({ state }) => state !== 'withdrawn')
      .map((alert) =>
        textOf(
          alert,
          alert.contributors.map(({ value }) => value),
          unnamed,
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
  unnamed: Unnamed,
): string {
  const name = unnamed(`${rule} ${Object.values(key).join(' ')}`);
  return alertText(name, knownGood, count, contributors.map(unnamed));
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

async function readAll(bus: Bus, topic: string, onRecord: (record: BusRecord) => void): Promise<void> {
  const follower = await bus.follow({ topic, onRecord });
  await follower.caughtUp;
  await follower.stop();
}
