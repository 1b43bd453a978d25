import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NameMask } from '@fleetwall/assembly';
import { openReplayFiles, ReplayEngine, type ReplayReport, reportOf } from '@fleetwall/cli';
import { readYamlFiles } from '@fleetwall/config';
import { loadRules } from '@fleetwall/detection';
import { loadPolicies } from '@fleetwall/response';
import { corpusLine, generateCorpus } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const directory = mkdtempSync(join(tmpdir(), 'fleetwall-same-answers-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function replay(path: string, names: NameMask | undefined): Promise<ReplayReport> {
  const rules = loadRules(await readYamlFiles('rules'));
  const policies = loadPolicies(await readYamlFiles('policies'));
  const { files } = openReplayFiles([path]);
  const options = { rules, policies, zone: 'UTC', fromYear: 2026, ...(names && { names }) };
  return reportOf(await new ReplayEngine(options).run(files), files);
}

/** All that was decided and counted, but for how accounts are called. */
function answersOf({ failures, alerts, withdrawn, blocks, prevented, forgiven }: ReplayReport) {
  const unnamed = (told: ReplayReport['alerts']) =>
    told
      .map(({ id, key, contributors, ...alert }) => {
        const { 'user.name': account, ...rest } = key;
        const isOfNames = alert.rule !== 'distributed-brute-force';
        return JSON.stringify({
          ...alert,
          id: account === undefined ? id : 'by account',
          key: rest,
          who: isOfNames ? contributors.length : [...contributors].sort(),
        });
      })
      .sort();
  return {
    ...{
      failures,
      prevented,
      blocks: blocks.map((block) => JSON.stringify({ ...block, evidence: block.evidence.length })),
    },
    ...{ alerts: unnamed(alerts), withdrawn: unnamed(withdrawn) },
    forgiven: forgiven.map(({ address, accounts }) => `${address} ${accounts.length}`).sort(),
  };
}

describe.each([1])('a fleet of known truth, seed %i', (seed) => {
  let plain: ReplayReport;
  let masked: ReplayReport;
  const mask = new NameMask(Buffer.alloc(32, seed));

  beforeAll(async () => {
    const path = join(directory, `${seed}.log`);
    const lines = generateCorpus({ seed, sessionHosts: 5, scale: 0.5, noise: 0.05 }).lines.map((line) =>
      corpusLine(line, 'iso'),
    );
    writeFileSync(path, `${lines.join('\n')}\n`);
    plain = await replay(path, undefined);
    masked = await replay(path, mask);
  }, 60_000);

  it('gives the same answers with names masked', () => {
    expect(answersOf(masked)).toEqual(answersOf(plain));
    expect(plain.blocks.length).toBeGreaterThan(20);
    expect(plain.forgiven.length).toBeGreaterThan(10);
  });

  it('has many names that were masked, and no stranger left', () => {
    const told = JSON.stringify([masked.alerts, masked.withdrawn]);
    expect(mask.stats.masked).toBeGreaterThan(50);
    expect(masked.forgiven).toEqual(plain.forgiven);
    expect(JSON.stringify(plain.alerts)).toMatch(/o'hara|пользователь/);
    expect(told).not.toMatch(/o'hara|пользователь/);
  });
});
