// What `npm start`, `npm test` and `./fleetwall` do first: check Node, install what is missing, build what is stale.
// Nothing here but Node's own modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, '.cache');
const STAMP = join(CACHE, 'build-stamp');
const LOCK = join(CACHE, 'build-lock');
const WEB = join(ROOT, 'web');
const WEB_STAMP = join(CACHE, 'web-stamp');
const OLDEST_NODE = [20, 19];
const LOCK_LIMIT_MS = 300_000;
/** Warnings are about packages that ask for a newer Node than they need. */
const INSTALL = ['ci', '--loglevel=error'];

/** Something that cannot be set up: a message for people, no stack. */
export class SetupError extends Error {}

/** Throws SetupError on a Node that is too old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `Fleetwall needs Node ${OLDEST_NODE.join('.')} or newer; this is ${version}.\n  Install it from https://nodejs.org or with your package manager, then try again.`,
  );
}

/** Node is new enough, packages are installed, everything is built. Quick when that is so already. */
export function setUp({ build: isBuildWanted = true } = {}) {
  checkNode();
  if (!isInstalled()) withLock(() => isInstalled() || install());
  if (isBuildWanted && !isBuilt()) withLock(() => isBuilt() || compile());
}

/** Whether every package of package-lock.json is installed in its version; those for other systems may be absent. */
export function isInstalled(root = ROOT) {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const locked = join(root, 'package-lock.json');
  if (statSync(installed).mtimeMs >= statSync(locked).mtimeMs) return true;
  const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const actual = packagesOf(installed);
  return Object.entries(packagesOf(locked)).every(([path, { version, optional, link }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = actual[path];
    return found === undefined ? optional === true : link === true || found.version === version;
  });
}

/** Exactly the versions of the lock file. */
function install() {
  say('Installing packages (npm ci); the first time this takes about a minute …');
  // npm tells its scripts where it is; on Windows npm is a batch file, which only a shell can run.
  const cli = process.env.npm_execpath;
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  const { status, error } = cli?.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...INSTALL], options)
    : spawnSync(`npm ${INSTALL.join(' ')}`, { ...options, shell: true });
  if (status === 0) return;
  throw new SetupError(
    `The packages could not be installed${error ? ` (${error.message})` : ''}.\n  See what npm says above; it needs the network, or a cache that holds them.`,
  );
}

/** Whether the last build saw the sources as they are now, and its output is still there. */
export function isBuilt() {
  return isCompiled() && isWebBuilt();
}

function isCompiled() {
  const projects = projectPaths();
  if (!projects.every((path) => existsSync(join(ROOT, path, 'dist/index.js')))) return false;
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint(projects);
}

/** Whether the console's pages are those of its sources as they are now. */
function isWebBuilt() {
  if (!existsSync(join(WEB, 'dist/index.html'))) return false;
  return existsSync(WEB_STAMP) && readFileSync(WEB_STAMP, 'utf8') === webFingerprint();
}

/** Compiles every package, libraries first, and the pages of the console. Throws SetupError when it fails. */
export function build() {
  withLock(compile);
}

function compile() {
  const seen = fingerprint(projectPaths());
  say('Building …');
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  if (spawnSync(process.execPath, [tsc, '-b', 'tsconfig.build.json'], options).status !== 0)
    throw new SetupError('The build failed.\n  The compiler says above where.');
  writeFileSync(STAMP, seen);
  if (!isWebBuilt()) bundle();
}

/** The console's pages; types are checked by `npm run types`. */
function bundle() {
  const seen = webFingerprint();
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const options = { cwd: WEB, stdio: ['ignore', 'ignore', 2] };
  if (spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], options).status !== 0)
    throw new SetupError('The build of the console failed.\n  The bundler says above where.');
  writeFileSync(WEB_STAMP, seen);
}

function projectPaths() {
  const { references } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8'));
  return references.map(({ path }) => path);
}

/** Name, size and time of everything that the console's pages are made of. */
function webFingerprint() {
  const hash = createHash('sha1');
  for (const name of ['package.json', 'vite.config.ts', 'index.html']) addTo(hash, join(WEB, name));
  for (const folder of ['src', 'public']) {
    for (const name of readdirSync(join(WEB, folder), { recursive: true }).sort()) {
      if (!/\.test\.ts$/.test(name)) addTo(hash, join(WEB, folder, name));
    }
  }
  return hash.digest('hex');
}

function addTo(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path} ${size} ${mtimeMs}\n`);
}

/** Name, size and time of everything that is compiled. */
function fingerprint(projects) {
  const hash = createHash('sha1');
  const add = (path) => addTo(hash, path);
  for (const name of ['tsconfig.base.json', 'tsconfig.build.json']) add(join(ROOT, name));
  for (const project of projects) {
    for (const name of ['tsconfig.json', 'package.json']) add(join(ROOT, project, name));
    const names = readdirSync(join(ROOT, project, 'src'), { recursive: true });
    for (const name of names.sort()) {
      if (/\.ts$/.test(name) && !/\.test(-support)?\.ts$/.test(name)) add(join(ROOT, project, 'src', name));
    }
  }
  return hash.digest('hex');
}

/** Two terminals may find the same thing missing. The lock of a process that is gone does not count. */
function withLock(work) {
  mkdirSync(CACHE, { recursive: true });
  const endMs = Date.now() + LOCK_LIMIT_MS;
  while (!tookLock()) {
    if (!isHeld()) rmSync(LOCK, { force: true });
    else if (Date.now() > endMs)
      throw new SetupError(`Another build does not end.\n  If there is none, remove ${LOCK}.`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function tookLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isHeld() {
  try {
    // A lock without a number yet is being written by a process that lives.
    const pid = Number(readFileSync(LOCK, 'utf8'));
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Standard output belongs to the command that runs afterwards. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs `work` and ends the process with 1 and a plain message when the set-up fails. */
export async function withSetupErrors(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`fleetwall: ${error.message}`);
    process.exit(1);
  }
}
