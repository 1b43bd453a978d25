import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Module hooks (https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks): workspaces resolve to their
 * sources as in the tests, and TypeScript is stripped by swc.
 */
const HOOKS = `
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
let root, paths, swc;
export function initialize(data) {
  root = data.root;
  paths = JSON.parse(readFileSync(root + '/tsconfig.json', 'utf8')).compilerOptions.paths;
  swc = createRequire(root + '/package.json')('@swc/core');
}
export function resolve(specifier, context, next) {
  if (paths[specifier]) return next(pathToFileURL(root + '/' + paths[specifier][0]).href, context);
  if (/^\\.{1,2}\\/.*\\.js$/.test(specifier) && context.parentURL) {
    const source = new URL(specifier.slice(0, -2) + 'ts', context.parentURL);
    if (existsSync(source)) return next(source.href, context);
  }
  return next(specifier, context);
}
export function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const jsc = {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  };
  const options = { swcrc: false, jsc, module: { type: 'es6' }, filename: fileURLToPath(url), sourceMaps: 'inline' };
  const { code } = swc.transformSync(readFileSync(fileURLToPath(url), 'utf8'), options);
  return { format: 'module', source: code, shortCircuit: true };
}
`;

/**
 * Runs a TypeScript file of this repository as a process of its own, from its sources, for tests that kill processes.
 * The caller ends it.
 */
export function spawnTypeScript(entry: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  const data = { root: rootOf(entry) };
  const hooksUrl = `data:text/javascript,${encodeURIComponent(HOOKS)}`;
  const register = `
    import { register } from 'node:module';
    register(${JSON.stringify(hooksUrl)}, { data: ${JSON.stringify(data)} });`;
  const registerUrl = `data:text/javascript,${encodeURIComponent(register)}`;
  return spawn(process.execPath, ['--import', registerUrl, entry, ...args], options);
}

/** The directory above that has the configuration of all workspaces. */
function rootOf(entry: string): string {
  for (let directory = dirname(entry); ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'jest.config.mjs'))) return directory;
    if (directory === dirname(directory)) throw new Error(`${entry} is not inside the repository`);
  }
}
