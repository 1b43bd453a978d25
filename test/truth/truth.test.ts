import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { countedAs } from '@fleetwall/core';
import { type Corpus, corpusLine, generateCorpus, randomOf } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { replayFiles } from './replay.js';

const directory = mkdtempSync(join(tmpdir(), 'fleetwall-truth-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Outcome {
  blocked: string[];
  contributors: Set<string>;
}

async function outcomeOf(...files: string[]): Promise<Outcome> {
  const { blocks, alerts } = await replayFiles(files);
  return {
    blocked: [...new Set(blocks.map(({ target }) => target))].sort(),
    contributors: new Set(
      alerts.filter(({ rule }) => rule === 'distributed-brute-force').flatMap((alert) => alert.contributors),
    ),
  };
}

function write(name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(`${lines.join('\n')}\n`) : `${lines.join('\n')}\n`);
  return path;
}

/** Every line up to half an hour from its place, and one in twenty twice. */
function disorder(corpus: Corpus, format: 'rfc3164' | 'iso', seed: number): string[] {
  const random = randomOf(seed);
  const doubled = corpus.lines.flatMap((line) => (random() < 0.05 ? [line, line] : [line]));
  return doubled
    .map((line) => ({ line, at: line.timeMs + (random() - 0.5) * 3_500_000 }))
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => corpusLine(line, format));
}

describe.each([
  { seed: 1, sessionHosts: 0, format: 'iso' as const },
  { seed: 2, sessionHosts: 20, format: 'rfc3164' as const },
  { seed: 3, sessionHosts: 5, format: 'rfc3164' as const },
  { seed: 4, sessionHosts: 5, format: 'iso' as const },
])('a fleet of known truth, seed $seed, $format', ({ seed, sessionHosts, format }) => {
  const corpus = generateCorpus({ seed, sessionHosts });
  let outcome: Outcome;

  beforeAll(async () => {
    const lines = corpus.lines.map((line) => corpusLine(line, format));
    outcome = await outcomeOf(write(`${seed}.${format}.log`, lines));
  }, 60_000);

  const wrong = (expectation: string, isRight: (address: string) => boolean) =>
    [...corpus.truth]
      .filter(([address, truth]) => truth.expectation === expectation && !isRight(address))
      .map(([address, { kind }]) => `${kind}: ${address}`);

  it('blocks every attacker', () => {
    expect(wrong('block', (address) => outcome.blocked.includes(address))).toEqual([]);
  });

  it('names every contributor to a distributed attack', () => {
    expect(wrong('contribute', (address) => outcome.contributors.has(address))).toEqual([]);
  });

  it('spares everybody else', () => {
    expect(wrong('spare', (address) => !outcome.blocked.includes(address))).toEqual([]);
    expect(outcome.blocked.filter((address) => !corpus.truth.has(address))).toEqual([]);
  });

  it('decides the same when lines come up to an hour out of order and one in twenty twice', async () => {
    const again = await outcomeOf(write(`${seed}.disorder.log`, disorder(corpus, format, seed)));
    expect(again.blocked).toEqual(outcome.blocked);
  });

  it('decides the same when every host has its own file, some of them gzipped', async () => {
    const byHost = new Map<string, string[]>();
    for (const line of corpus.lines) {
      const host = line.rest.slice(0, line.rest.indexOf(' '));
      byHost.set(host, [...(byHost.get(host) ?? []), corpusLine(line, format)]);
    }
    const files = [...byHost].map(([host, lines], i) => write(`${seed}.${host}.log${i % 2 ? '.gz' : ''}`, lines));
    expect((await outcomeOf(...files)).blocked).toEqual(outcome.blocked);
  });
});

const shared = process.env['FLEETWALL_SHARED'] ?? resolve('../shared');
const generator = join(shared, 'tools/gen-authlog.py');
const python = ['python3', 'python'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
const canGenerate = existsSync(generator) && python !== undefined;

interface SharedTruth {
  meta: { must_block: string[]; must_detect: string[]; must_not_block: string[] };
  truth: Record<string, Record<string, unknown>>;
}

(canGenerate ? describe : describe.skip).each([
  { seed: 3, sessionHosts: 0 },
  { seed: 11, sessionHosts: 25 },
])(
  `an independent corpus, seed $seed${canGenerate ? '' : ' (needs Python and the shared generator)'}`,
  ({ seed, sessionHosts }) => {
    let truth: SharedTruth;
    const outcomes: Record<string, Outcome> = {};

    beforeAll(async () => {
      const name = `shared${seed}`;
      const args = [
        '--mb',
        '10',
        '--out',
        directory,
        '--name',
        name,
        '--seed',
        String(seed),
        '--session-hosts',
        String(sessionHosts),
      ];
      execFileSync(python as string, [generator, ...args]);
      truth = JSON.parse(readFileSync(join(directory, `${name}.truth.json`), 'utf8')) as SharedTruth;
      for (const format of ['iso', 'rfc3164'])
        outcomes[format] = await outcomeOf(join(directory, `${name}.${format}.log`));
    }, 120_000);

    const addressesOf = (categories: string[]) =>
      categories.flatMap((category) => Object.keys(truth.truth[category] ?? {})).map(countedAs);

    it.each(['iso', 'rfc3164'])('%s: blocks all it must, spares all it must, names every contributor', (format) => {
      const { blocked, contributors } = outcomes[format] as Outcome;
      const { must_block, must_detect, must_not_block } = truth.meta;
      expect(addressesOf(must_block).filter((address) => !blocked.includes(address))).toEqual([]);
      expect(addressesOf(must_not_block).filter((address) => blocked.includes(address))).toEqual([]);
      expect(addressesOf(must_detect).filter((address) => !contributors.has(address))).toEqual([]);
    });
  },
);
