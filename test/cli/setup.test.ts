import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ROOT } from './fleetwall-process.test-support.js';

const SETUP = pathToFileURL(join(ROOT, 'scripts/setup.mjs')).href;

/** What an expression over the exports of scripts/setup.mjs gives, in a Node of its own. */
function evaluate(expression: string): { value: unknown; stderr: string } {
  const script = `import * as setup from ${JSON.stringify(SETUP)}; console.log(JSON.stringify(${expression}));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return { value: stdout === '' ? undefined : JSON.parse(stdout), stderr };
}

describe('the set-up', () => {
  it('refuses a Node that is too old, in words', () => {
    for (const version of ['18.20.8', '20.18.3']) {
      const { stderr } = evaluate(`setup.checkNode('${version}')`);
      expect(stderr).toContain(`Fleetwall needs Node 20.19 or newer; this is ${version}.`);
    }
    for (const version of ['20.19.0', '22.0.0', '24.1.0'])
      expect(evaluate(`setup.checkNode('${version}') ?? 'fine'`).value).toBe('fine');
  });
});

describe('isInstalled', () => {
  let root: string;
  const installed = () => evaluate(`setup.isInstalled(${JSON.stringify(root)})`).value;
  const packages = (entries: object) => JSON.stringify({ packages: entries });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fleetwall-setup-'));
    writeFileSync(join(root, 'package-lock.json'), packages({ 'node_modules/a': { version: '1.0.0' } }));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  /** npm's record of what is there, a minute older than the lock file. */
  function record(entries: object): void {
    mkdirSync(join(root, 'node_modules'));
    const path = join(root, 'node_modules/.package-lock.json');
    writeFileSync(path, packages(entries));
    const beforeSeconds = Date.now() / 1_000 - 60;
    utimesSync(path, beforeSeconds, beforeSeconds);
  }

  it('is not so without node_modules', () => expect(installed()).toBe(false));

  it('is so when every package is there in its version, though the lock file was touched', () => {
    record({ 'node_modules/a': { version: '1.0.0' } });
    expect(installed()).toBe(true);
  });

  it('is not so when a version differs or a package is missing', () => {
    record({ 'node_modules/a': { version: '1.0.1' } });
    expect(installed()).toBe(false);
    writeFileSync(
      join(root, 'package-lock.json'),
      packages({ 'node_modules/a': { version: '1.0.1' }, 'node_modules/b': { version: '1.0.0' } }),
    );
    expect(installed()).toBe(false);
  });

  it('does without packages for other systems', () => {
    writeFileSync(
      join(root, 'package-lock.json'),
      packages({ '': {}, 'libs/a': { version: '1.0.0' }, 'node_modules/win': { version: '1.0.0', optional: true } }),
    );
    record({});
    expect(installed()).toBe(true);
  });
});
