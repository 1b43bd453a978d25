import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FleetwallError } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DetectionWatch } from './detection-watch.js';
import { type Detections, detectionSources } from './detections.js';

const LOOK_MS = 20;
/** Enough looks that anything that will happen has happened. */
const SETTLED_MS = 10 * LOOK_MS;

const ruleOf = (title: string) => `title: ${title}
taxonomy: ecs
level: high
logsource: { category: authentication }
detection:
  selection: { event.outcome: failure }
  condition: selection
`;
const policyOf = (rule: string) => `name: only
match: { rules: [${rule}] }
block: source.ip
`;

describe('the watch of rules and policies', () => {
  let directory: string;
  let rules: string;
  let policies: string;
  let watch: DetectionWatch;
  let applied: Detections[];
  let refused: string[];
  let apply: (detections: Detections) => Promise<void> | void;
  const log = { info: () => undefined, error: (_fields: object, text: string) => void refused.push(text) };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-watch-'));
    rules = join(directory, 'rules');
    policies = join(directory, 'policies');
    mkdirSync(rules);
    mkdirSync(policies);
    write('one.yml', ruleOf('First'));
    writeFileSync(join(policies, 'a.yml'), policyOf('one'));
    applied = [];
    refused = [];
    apply = (detections) => void applied.push(detections);
    watch = await DetectionWatch.open({
      sources: detectionSources({ rules: [rules], policies }),
      everyMs: LOOK_MS,
      log,
    });
    watch.start((detections) => apply(detections));
  });
  afterEach(async () => {
    await watch.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const write = (name: string, text: string) => writeFileSync(join(rules, name), text);
  const until = async (what: string, isSo: () => boolean) => {
    for (const endMs = Date.now() + 10_000; !isSo() && Date.now() < endMs; ) await pause(5);
    if (!isSo()) throw new Error(`not in time: ${what}; refused: ${refused.join(' | ')}`);
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const titles = () => watch.detections.rules.rules.map(({ title }) => title);

  it('knows the first set from its start, and takes up nothing while nothing changes', async () => {
    await pause(SETTLED_MS);
    expect(applied).toEqual([]);
    expect(titles()).toEqual(['First']);
    expect(watch.stats).toMatchObject({ generation: 1, rules: 1, policies: 1, failedReloads: 0 });
  });

  it('hands over changed, new and removed rules and policies as a whole', async () => {
    write('one.yml', ruleOf('Changed'));
    write('two.yml', ruleOf('Second'));
    writeFileSync(join(policies, 'a.yml'), policyOf('two'));
    await until('the new set', () => watch.stats.policies === 1 && watch.stats.rules === 2);
    expect(titles()).toEqual(['Changed', 'Second']);
    expect(watch.detections.policies).toMatchObject([{ match: { rules: ['two'] } }]);
    rmSync(join(rules, 'one.yml'));
    await until('the removal', () => watch.stats.rules === 1);
    expect(applied.at(-1)).toBe(watch.detections);
    expect(watch.stats.loadedAtMs).toBeGreaterThan(Date.now() - 60_000);
  });

  it('tells the first mistake with its place, once, and keeps the old set until it is mended', async () => {
    write('two.yml', ruleOf('Second'));
    write('one.yml', ruleOf('First').replace('condition: selection', 'condition: selektion'));
    await until('the refusal', () => refused.length > 0);
    await pause(SETTLED_MS);
    expect(refused).toEqual([expect.stringMatching(/the old ones stay: .*one\.yml:7:\d+: .*selektion/s)]);
    expect(watch.refusal).toMatch(/one\.yml:7/);
    expect({ applied, failed: watch.stats.failedReloads }).toEqual({ applied: [], failed: 1 });
    expect(titles()).toEqual(['First']);
    write('one.yml', ruleOf('Mended'));
    await until('the mended set', () => applied.length > 0);
    expect(titles()).toEqual(['Mended', 'Second']);
    expect(watch.refusal).toBeUndefined();
    expect(watch.stats.generation).toBe(2);
  });

  it('a policy for a rule that was removed is a mistake of the whole', async () => {
    write('two.yml', ruleOf('Second'));
    rmSync(join(rules, 'one.yml'));
    await until('the refusal', () => refused.length > 0);
    expect(refused[0]).toMatch(/a\.yml.*one/s);
    expect(applied).toEqual([]);
  });

  it('does not read a file that is still being written', async () => {
    const whole = ruleOf('Second');
    let written = '';
    for (const letter of whole) {
      written += letter;
      write('two.yml', written);
      await pause(LOOK_MS / 4);
    }
    await until('the whole file', () => watch.stats.rules === 2);
    expect(refused).toEqual([]);
    expect(applied).toHaveLength(1);
  });

  it('many quick changes end in the last one', async () => {
    for (let change = 1; change <= 200; change++) {
      write('draft', ruleOf(`Change ${change}`));
      renameSync(join(rules, 'draft'), join(rules, 'one.yml'));
      if (change % 10 === 0) await pause(LOOK_MS / 2);
    }
    await until('the last change', () => titles()[0] === 'Change 200');
    expect(refused).toEqual([]);
    expect(applied.length).toBeLessThan(200);
  });

  it('a directory that is deleted is told once, and taken up again when it is back', async () => {
    renameSync(rules, `${rules}.away`);
    await until('the refusal', () => refused.length > 0);
    await pause(SETTLED_MS);
    expect(refused).toEqual([expect.stringMatching(/rules: there is no such file or directory/)]);
    expect(titles()).toEqual(['First']);
    mkdirSync(rules);
    write('one.yml', ruleOf('Back'));
    await until('the new directory', () => titles()[0] === 'Back');
  });

  it('a directory that comes back as it was is nothing new, and nothing is wrong any more', async () => {
    renameSync(rules, `${rules}.away`);
    await until('the refusal', () => watch.refusal !== undefined);
    renameSync(`${rules}.away`, rules);
    await until('no refusal', () => watch.refusal === undefined);
    expect(applied).toEqual([]);
    expect(titles()).toEqual(['First']);
  });

  (process.getuid?.() === 0 ? it.skip : it)(
    'a file that may not be read is told, and taken up once it may (not as root, who may read all)',
    async () => {
      write('one.yml', ruleOf('Secret'));
      chmodSync(join(rules, 'one.yml'), 0o000);
      await until('the refusal', () => refused.length > 0);
      expect(titles()).toEqual(['First']);
      chmodSync(join(rules, 'one.yml'), 0o600);
      await until('the file', () => titles()[0] === 'Secret');
    },
  );

  it('who refuses to apply is asked again only when it may succeed later', async () => {
    let asked = 0;
    const row = { message: 'not now', hint: 'wait' };
    apply = () => {
      asked++;
      if (asked < 3) throw new FleetwallError('BUS_CLOSED', { retryable: true, ...row });
    };
    write('one.yml', ruleOf('Tried again'));
    await until('the third try', () => titles()[0] === 'Tried again');
    expect(refused).toHaveLength(1);
    apply = () => {
      asked++;
      throw new FleetwallError('BUS_CLOSED', { retryable: false, ...row });
    };
    write('one.yml', ruleOf('Never'));
    await until('the refusal', () => refused.length === 2);
    await pause(SETTLED_MS);
    expect(asked).toBe(4);
    expect(titles()).toEqual(['Tried again']);
  });
});
