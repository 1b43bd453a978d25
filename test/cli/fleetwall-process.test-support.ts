import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAUNCHER = join(ROOT, 'fleetwall');
/** What the launcher runs: used directly, so that sources that change during a test run are not built in between. */
const COMMAND = join(ROOT, 'cli/dist/main.js');
const LIMIT_MS = 60_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ProcessOptions {
  /** FLEETWALL_… of the process; those of the test run are not passed on. */
  env?: Record<string, string>;
  cwd?: string;
  input?: string | Buffer;
  /** In a network of its own, so that the firewall of this machine is left alone (see {@link canUnshare}). */
  ownNetwork?: boolean;
}

/** Whether this machine gives a process a network of its own (`unshare -rn`: Linux with user namespaces, or root). */
export const canUnshare = spawnSync('unshare', ['-rn', 'true']).status === 0;

/** Starts the command. The caller ends it. */
export function startFleetwall(args: readonly string[], options: ProcessOptions = {}): ChildProcess {
  const command = [process.execPath, COMMAND, ...args];
  return start(options.ownNetwork ? ['unshare', '-rn', ...command] : command, options);
}

/** Runs the launcher as a shell would, by the name it has at `path`; it builds what is stale first. */
export function launch(args: readonly string[], options: ProcessOptions = {}, path = LAUNCHER): Promise<Ended> {
  return ended(start([path, ...args], options));
}

function start([program, ...args]: readonly string[], { env = {}, cwd = ROOT }: ProcessOptions): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(FLEETWALL_|NODE_OPTIONS$)/.test(name));
  return spawn(program as string, args, { cwd, env: { ...Object.fromEntries(inherited), ...env } });
}

/** Runs the command to its end. */
export function fleetwall(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  const child = startFleetwall(args, options);
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input);
  return ended(child).finally(() => clearTimeout(limit));
}

/** What the process said and how it ended. Call it before the process says anything. */
export function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
}

/** Looks until there is something, for at most `withinMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 30_000,
): Promise<T> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Lines of sshd that tell of failed logons, a second apart, the last one at `lastMs`. */
export function failedLogons(address: string, count: number, lastMs: number, user = 'root'): string {
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(lastMs - (count - 1 - i) * 1_000).toISOString();
    return `${time} web-01 sshd[${4_000 + i}]: Failed password for ${user} from ${address} port ${50_000 + i} ssh2\n`;
  }).join('');
}
