import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readYamlFiles } from '@fleetwall/config';
import { loadRules } from '@fleetwall/detection';
import { describe, expect, it } from '@jest/globals';
import { replayFiles } from '../truth/replay.js';
import { EventEngine, eventsOf } from './event-engine.test-support.js';

const folders = readdirSync('rules', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [join('rules', entry.name)] : [],
);
const samples = folders.flatMap((folder) =>
  readdirSync(join(folder, 'samples')).map((name) => join(folder, 'samples', name)),
);

/** The rules whose alerts stand after this sample: lines of a log, or events one a line. */
async function firedBy(path: string): Promise<string[]> {
  if (path.endsWith('.log')) return (await replayFiles([path])).alerts.map(({ rule }) => rule);
  const engine = await EventEngine.shipped();
  for (const event of eventsOf(readFileSync(path, 'utf8'))) engine.feed(event);
  return engine
    .alerts()
    .filter(({ state }) => state !== 'withdrawn')
    .map(({ rule }) => rule);
}

describe('samples', () => {
  it.each(samples)('%s does what its name says', async (path) => {
    const [rule = '', kind] = basename(path).split('.');
    expect((await firedBy(path)).includes(rule)).toBe(kind === 'fires');
  });

  it('are there for every rule that alerts, one of each kind', async () => {
    const { rules, correlations } = loadRules(await readYamlFiles('rules'));
    const names = [...rules, ...correlations].filter(({ generate }) => generate).map(({ name }) => name);
    const kinds = samples.map((path) => basename(path).split('.').slice(0, 2).join('.'));
    expect(kinds.sort()).toEqual(names.flatMap((name) => [`${name}.fires`, `${name}.silent`]).sort());
  });
});
