import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Addresses inside a site, all on its loopback: the server's, and two of clients. */
export const SERVER = '203.0.113.5';
export const GUESSER = '198.51.100.7';
export const OWNER = '198.51.100.8';

/** An account of every site. */
export const USER = 'alice';
export const PASSWORD = 'right-password';

/** Packages that cannot be installed side by side, unpacked (`test/daemons/unpack.sh`). */
const TREE = process.env.FLEETWALL_DAEMONS_TREE ?? '';
const executed = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A dialogue: what the server must say (a regular expression), and what is answered to it. */
export type Step = readonly [expected: string, answer?: string];

/** Why this machine cannot run the program, or undefined. `programs` are absolute paths of the distribution. */
export function missing(...programs: string[]): string | undefined {
  if (process.env.FLEETWALL_TEST_REAL !== '1') return 'needs FLEETWALL_TEST_REAL=1';
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const absent = ['/usr/sbin/rsyslogd', ...programs].filter(
    (path) => !existsSync(path) && !(TREE && existsSync(join(TREE, path))),
  );
  if (absent.length > 0) return `needs ${absent.join(', ')}`;
  return cannotUnshare();
}

let unshared: string | undefined | null = null;

function cannotUnshare(): string | undefined {
  if (unshared !== null) return unshared;
  try {
    execFileSync('unshare', ['--net', '--mount', '--pid', '--fork', 'true'], { stdio: 'pipe' });
    unshared = undefined;
  } catch (error) {
    unshared = `needs namespaces (${(error as Error).message.split('\n')[0]})`;
  }
  return unshared;
}

/** A machine in namespaces of its own, with a log daemon and one account; see site.sh. */
export class Site {
  readonly directory: string;
  readonly #holder: ChildProcess;
  #output = '';
  #init = 0;

  private constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'fleetwall-daemon-'));
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    this.#holder = spawn('unshare', [...namespaces, 'bash', join(HERE, 'site.sh'), this.directory, TREE], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#listen(this.#holder);
  }

  static async start(): Promise<Site> {
    const site = new Site();
    try {
      await until(
        'the site is ready',
        () => site.#output.includes('ready\n'),
        () => site.#output,
      );
      const { pid } = site.#holder;
      site.#init = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
      return site;
    } catch (error) {
      await site.stop();
      throw error;
    }
  }

  /** Everything in it is killed with its first process. */
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#holder.once('exit', resolve));
    if (this.#init) process.kill(this.#init, 'SIGKILL');
    else this.#holder.kill('SIGKILL');
    if (this.#holder.exitCode === null && this.#holder.signalCode === null) await gone;
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Path outside of a file in the site's /var/log. */
  log(name: string): string {
    return join(this.directory, 'log', name);
  }

  /** Runs a script inside, to its end; returns what it printed. */
  run(script: string): string {
    return this.#execute('bash', ['-ec', script]);
  }

  /** Starts a daemon that stays in the foreground, and waits for its port. */
  async daemon(script: string, port: number): Promise<void> {
    const child = spawn('nsenter', this.#inside('bash', ['-c', `exec ${script}`]), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
    });
    this.#listen(child);
    await this.listens(port);
  }

  async listens(port: number): Promise<void> {
    const isOpen = () => this.run(`ss -Hltn 'sport = :${port}'`).length > 0;
    await until(`port ${port} is open`, isOpen, () => `${this.#output}\n${this.logs()}`);
  }

  /** One connection of a client; resolves with what was said. Rejects when the server does not say what is expected. */
  async talk(from: string, port: number, steps: readonly Step[]): Promise<string> {
    const what = JSON.stringify({ host: SERVER, port, from, steps });
    const { stdout } = await executed('nsenter', this.#inside(process.execPath, [join(HERE, 'talk.mjs'), what]), {
      timeout: 60_000,
      env: environment(),
    });
    return stdout;
  }

  /** From now on, whoever connects to the server has this address, unless he asks for another. */
  clientsAre(address: string): void {
    this.run(`ip route replace table local local ${SERVER} dev lo src ${address}`);
  }

  /** Waits until the file holds so many lines that match. */
  async logged(name: string, pattern: RegExp, times = 1): Promise<void> {
    const count = () =>
      this.text(name)
        .split('\n')
        .filter((line) => pattern.test(line)).length;
    await until(
      `${times} times ${pattern} in ${name}`,
      () => count() >= times,
      () => `${this.#output}\n${this.logs()}`,
    );
  }

  text(name: string): string {
    return existsSync(this.log(name)) ? readFileSync(this.log(name), 'utf8') : '';
  }

  /** For messages of failed tests. */
  logs(): string {
    return this.run('tail -n 60 $(find /var/log -type f -not -name "*.gz" -not -name "*tmp" -size -200k)');
  }

  #execute(command: string, args: string[]): string {
    const options = { encoding: 'utf8', stdio: 'pipe', timeout: 60_000, env: environment() } as const;
    return execFileSync('nsenter', this.#inside(command, args), options);
  }

  #inside(command: string, args: string[]): string[] {
    return ['--target', String(this.#init), '--net', '--mount', '--pid', command, ...args];
  }

  #listen(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => {
        this.#output += data;
      });
  }
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC', LC_ALL: 'C.UTF-8' };
}

/** As a word of a script. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function until(what: string, look: () => boolean, detail = () => '', withinMs = 20_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!look()) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs / 1_000} s: ${what}\n${detail()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
