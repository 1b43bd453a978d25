import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT, readComposeFile } from './compose-file.js';

const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
const lines = dockerfile.split('\n');
const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, base, name]) => ({ base, name }));

/** Sources of COPY that come from the checkout. */
const copied = lines
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) =>
    line
      .split(/\s+/)
      .slice(1, -1)
      .filter((word) => !word.startsWith('--')),
  );

function workspaces(): string[] {
  const { workspaces: patterns } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  return patterns
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      return readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((path) => existsSync(join(ROOT, path, 'package.json')));
}

/** Whether the build gets to see a path: the last line of .dockerignore that speaks of it counts. */
function isSent(path: string): boolean {
  let sent = true;
  for (const line of readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')) {
    const pattern = line.replace(/^!/, '');
    if (pattern === '' || pattern.startsWith('#')) continue;
    const covers = pattern === '*' || path === pattern || path.startsWith(`${pattern}/`);
    const anywhere = pattern.startsWith('**/') && `/${path}/`.includes(`/${pattern.slice(3)}/`);
    if (covers || anywhere) sent = line.startsWith('!');
  }
  return sent;
}

describe('Dockerfile', () => {
  it.each(copied)('copies %s, which is there and sent to the build', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(isSent(path)).toBe(true);
  });

  it('has the manifests of all packages before they are installed', () => {
    const install = dockerfile.indexOf('npm ci');
    const manifests = [...dockerfile.slice(0, install).matchAll(/^COPY (\S+)\/package\.json \1\/$/gm)].map(
      ([, path]) => path,
    );
    expect(manifests.sort()).toEqual(workspaces().sort());
  });

  it('runs no install script of any package', () => {
    const calls = dockerfile.split(/\n|&&/).filter((call) => /\bnpm (ci|install|prune)\b/.test(call));
    expect(calls.length).toBe(2);
    for (const call of calls) expect(call).toContain('--ignore-scripts');
  });

  it('takes images with a version only', () => {
    const names = stages.map(({ name }) => name);
    const bases = stages.map(({ base }) => base as string).filter((base) => !names.includes(base));
    const argument = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1] ?? '';
    for (const base of bases) {
      const image = base.replace(/^\$\{NODE_IMAGE\}$/, argument);
      expect(image).toMatch(/:(\d+\.\d+\.\d+-|bookworm-\d{8}-)/);
    }
  });

  it('copies beside the packages what an installation by hand does', () => {
    const data = [...dockerfile.matchAll(/^COPY (\S+) \/fleetwall\/\1$/gm)].map(([, name]) => name as string);
    const byHand = /cp -r (.*) \/opt\/fleetwall\//.exec(readFileSync(join(ROOT, 'docs/cluster.md'), 'utf8'))?.[1];
    expect(data.length).toBeGreaterThan(0);
    expect(byHand?.split(' ')).toEqual(expect.arrayContaining(data));
  });

  it('has the targets that docker-compose.yml builds, those for services not as root', () => {
    const built = Object.values(readComposeFile().services).flatMap(({ build }) => (build ? [build.target] : []));
    expect(stages.map(({ name }) => name)).toEqual(expect.arrayContaining(built));
    const service = dockerfile.slice(
      dockerfile.indexOf('AS service'),
      dockerfile.indexOf('FROM', dockerfile.indexOf('AS service')),
    );
    expect(service).toMatch(/^USER 10001:10001$/m);
  });

  it('sends no secret to the build', () => {
    const secret = [
      '.env',
      'deploy/compose/secrets/ca.key',
      'deploy/compose/secrets/kafka-gateway.password',
      '.git/config',
    ];
    expect(secret.filter(isSent)).toEqual([]);
    expect(isSent('node_modules/yaml/package.json')).toBe(false);
    expect(isSent('libs/core/dist/index.js')).toBe(false);
  });
});
