import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Folders of packages, and what each kind may import of the others. */
const LAYERS: [pattern: RegExp, allowed: RegExp][] = [
  [/^libs\/core$/, /^$/],
  [/^libs\/(sources|assembly|detection|response|query|protocol)$/, /^libs\/core$/],
  [/^libs\/testkit$/, /^libs\/(core|query|protocol)$/],
  [/^libs\/config$/, /^libs\/(core|detection|response|sources)$/],
  [/^libs\/process$/, /^libs\/(core|config)$/],
  [/^libs\/service$/, /^libs\/(core|config|process|adapters\/.*)$/],
  [/^libs\/adapters\//, /^libs\/(core|sources|assembly|detection|response|protocol)$/],
  [/^(collector|cli)$/, /^(libs\/|collector$)/],
  [/^services\/(?!standalone)/, /^libs\//],
  [/^services\/standalone$/, /^(libs\/|collector$|services\/)/],
  [/^web$/, /^$/],
];

/** Folders of one level for a trailing star. */
function foldersOf(pattern: string): string[] {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  return readdirSync(parent).map((name) => `${parent}/${name}`);
}

function sourcesOf(workspace: string): string[] {
  const names = readdirSync(`${workspace}/src`, { recursive: true }) as string[];
  return names
    .filter((name) => /(?<!\.d)\.tsx?$/.test(name))
    .map((name) => `${workspace}/src/${name.replaceAll('\\', '/')}`);
}

const workspaces = (JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: string[] }).workspaces
  .flatMap(foldersOf)
  .filter((path) => existsSync(join(path, 'package.json')));
const manifests = new Map(
  workspaces.map((path) => [path, JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest]),
);
const folderOf = new Map([...manifests].map(([path, { name }]) => [name, path]));

interface Import {
  file: string;
  specifier: string;
}

function importsOf(workspace: string, isTest: boolean): Import[] {
  return sourcesOf(workspace)
    .filter((file) => /\.test(-support)?\.ts$|conformance|\/test\//.test(file) === isTest)
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const found = text.matchAll(
        /^(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm,
      );
      return [...found].map((match) => ({ file, specifier: (match[1] ?? match[2] ?? match[3]) as string }));
    });
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isBuiltin = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);

describe('the architecture', () => {
  it.each(workspaces)('%s imports only what its layer may', (workspace) => {
    const [, allowed] = LAYERS.find(([pattern]) => pattern.test(workspace)) ?? [];
    expect(allowed).toBeDefined();
    const forbidden = importsOf(workspace, false).filter(({ specifier }) => {
      const folder = folderOf.get(packageOf(specifier));
      return folder !== undefined && folder !== workspace && !(allowed as RegExp).test(folder);
    });
    expect(forbidden).toEqual([]);
  });

  it.each(workspaces)('%s declares what it imports, and imports what it declares', (workspace) => {
    const { dependencies = {}, devDependencies = {} } = manifests.get(workspace) as Manifest;
    // What the pages are made of is bundled at build time; nothing of it is needed to run.
    const declared = new Set(Object.keys(workspace === 'web' ? devDependencies : dependencies));
    const used = importsOf(workspace, false).filter(
      ({ specifier }) => !specifier.startsWith('.') && !isBuiltin(specifier),
    );
    expect(used.filter(({ specifier }) => !declared.has(packageOf(specifier)))).toEqual([]);
    // The suites of the testkit are what it is there for.
    const everything = workspace === 'libs/testkit' ? [...used, ...importsOf(workspace, true)] : used;
    const names = new Set(everything.map(({ specifier }) => packageOf(specifier)));
    expect([...declared].filter((name) => !names.has(name) && !IMPLICIT.has(name))).toEqual([]);
  });

  it.each(workspaces)('%s reaches into no other package by a relative path', (workspace) => {
    const outside = [...importsOf(workspace, false), ...importsOf(workspace, true)].filter(
      ({ file, specifier }) =>
        specifier.startsWith('.') && !join(dirname(file), specifier).replaceAll('\\', '/').startsWith(`${workspace}/`),
    );
    expect(outside.filter(({ specifier }) => !specifier.includes('/scripts/'))).toEqual([]);
  });

  it('core does no input or output', () => {
    const io = importsOf('libs/core', false).filter(
      ({ specifier }) => isBuiltin(specifier) && !['node:net'].includes(specifier),
    );
    expect(io).toEqual([]);
  });

  it('pure packages do no input or output', () => {
    const pure = ['libs/sources', 'libs/assembly', 'libs/detection', 'libs/response', 'libs/query', 'libs/protocol'];
    const io = pure
      .flatMap((workspace) => importsOf(workspace, false))
      .filter(({ specifier }) => /^node:(fs|http|https|tls|dgram|child_process|worker_threads)/.test(specifier));
    expect(io).toEqual([]);
  });

  it('libraries know nothing of Nest, but for what every service process shares', () => {
    const nest = workspaces
      .filter((workspace) => !workspace.startsWith('services/') && workspace !== 'libs/service')
      .flatMap((workspace) => importsOf(workspace, false))
      .filter(({ specifier }) => specifier.startsWith('@nestjs/'));
    expect(nest).toEqual([]);
  });

  it('has one pipeline a service, of about a hundred lines', () => {
    const pipelines = workspaces.map((workspace) => `${workspace}/src/pipeline.ts`).filter(existsSync);
    expect(pipelines).toHaveLength(5);
    for (const file of pipelines) expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(200);
  });
});

/** Needed at run time by what is imported, though no line imports them. */
const IMPLICIT = new Set([
  'rxjs',
  'reflect-metadata',
  '@jest/globals',
  // Data, read as files.
  '@ip-location-db/asn',
  '@ip-location-db/geo-whois-asn-country-mmdb',
  // Tools that build the console's pages.
  'vite',
  '@vitejs/plugin-react',
  'openapi-typescript',
  '@types/react',
  '@types/react-dom',
]);
