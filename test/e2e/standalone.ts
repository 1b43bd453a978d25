import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Block } from '@fleetwall/core';

const MAIN = 'services/standalone/dist/main.js';
const STOP_WITHIN_MS = 30_000;

/** What these tests read of `GET /control/v1/status`. */
export interface Status {
  ready: boolean;
  http: string;
  problems: string[];
  read: { lines: number; events: number; sent: number };
  inputs: { name: string; lines: number; problems: { code: string; message: string }[] }[];
  stored: { created: number; duplicates: number };
  blocks: { active: number; held: number };
}

/** A real standalone process on a home of its own in a temporary directory, driven over its control socket. */
export class Standalone {
  /** Made when it is first written to, so that a skipped test leaves nothing behind. */
  readonly directory = join(tmpdir(), `fleetwall-e2e-${randomUUID()}`);
  readonly home: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);
  /** What all its processes said on standard error, for messages of failed tests. */
  said = '';

  /** @param env options as variables; `home` may lie elsewhere, say on a small disk */
  constructor(env: Record<string, string> = {}, home?: string) {
    this.home = home ?? join(this.directory, 'home');
    this.#env = {
      FLEETWALL_HOME: this.home,
      FLEETWALL_HTTP_PORT: '0',
      FLEETWALL_COLLECTOR_JOURNALD: 'false',
      FLEETWALL_COLLECTOR_FILES: this.path('auth.log'),
      FLEETWALL_FIREWALL: 'dry-run',
      // Tables of half a million networks, for each of many starts.
      FLEETWALL_GEO_SHIPPED: 'false',
      FLEETWALL_LOG_LEVEL: 'warn',
      ...env,
    };
  }

  /** Another option, for the processes that are started from now on. */
  set(name: string, value: string): void {
    this.#env[name] = value;
  }

  /** A path beside the home. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** What its processes said on standard output. */
  get outputFile(): string {
    return this.path('output.log');
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** Starts a process and does not wait. */
  spawn(): void {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run \`node scripts/build.mjs\` first`);
    mkdirSync(this.directory, { recursive: true });
    const inherited = Object.entries(process.env).filter(([name]) => !/^(FLEETWALL_|NODE_OPTIONS)/.test(name));
    const env = { ...Object.fromEntries(inherited), ...this.#env };
    const output = openSync(this.outputFile, 'a');
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', output, 'pipe'] });
    closeSync(output);
    child.stderr?.on('data', (bytes: Buffer) => {
      this.said = (this.said + bytes.toString()).slice(-20_000);
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  }

  /** Starts a process; resolves with the milliseconds until it was ready. Rejects when it ends or is not ready in time. */
  async start(withinMs = 60_000): Promise<number> {
    const beganMs = performance.now();
    this.spawn();
    await until('the process to be ready', () => this.isReady(), withinMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.said}`);
    });
    return performance.now() - beganMs;
  }

  async isReady(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error(`the process ended: ${this.said}`);
    return (await this.status().catch(() => undefined))?.ready === true;
  }

  /** As the kernel does it when memory runs out: at once, and nobody is asked. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_WITHIN_MS);
    const code = await this.#ended;
    clearTimeout(late);
    return code;
  }

  /** Ends what still runs and removes every file. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  append(lines: readonly string[], name = 'auth.log'): void {
    mkdirSync(this.directory, { recursive: true });
    appendFileSync(this.path(name), lines.map((line) => `${line}\n`).join(''));
  }

  status(): Promise<Status> {
    return this.#control<Status>('status');
  }

  blocks(): Promise<Block[]> {
    return this.#control<Block[]>('blocks');
  }

  /** How many of an address's latest lines (at most 20) can be found in the event store. */
  async latestOf(address: string): Promise<number> {
    return (await this.#control<{ latest: unknown[] }>(`why/${address}`)).latest.length;
  }

  async isBlocked(target: string): Promise<boolean> {
    return (await this.blocks()).some((block) => block.target === target && block.state === 'active');
  }

  /** What /health/ready answers on the loopback port. */
  async health(): Promise<{ code: number; text: string }> {
    const { http } = await this.status();
    return get(`${http}/health/ready`);
  }

  /** Metrics by name with labels: `fleetwall_collector_lines`. */
  async metrics(): Promise<Map<string, number>> {
    const { text } = await get(`${(await this.status()).http}/metrics`);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  }

  /** User and system time so far, seconds (Linux: proc(5), 100 ticks a second). */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** Resident memory in MB, now or at its highest (Linux). */
  memoryMb(which: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  }

  /** What the control socket answers, as JSON. */
  async control(what: string): Promise<string> {
    const socketPath = join(this.home, 'control.sock');
    const { code, text } = await get({ socketPath, path: `/control/v1/${what}` });
    if (code !== 200) throw new Error(`${what}: ${code} ${text}`);
    return text;
  }

  async #control<T>(what: string): Promise<T> {
    return JSON.parse(await this.control(what)) as T;
  }
}

/** A port of the loopback address that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function get(where: string | { socketPath: string; path: string }): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(where as string, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.once('end', () => resolve({ code: response.statusCode as number, text }));
      response.once('error', reject);
    });
    asked.setTimeout(10_000, () => asked.destroy(new Error('no answer within 10 s')));
    asked.once('error', reject).end();
  });
}

/** Polls until `look` answers something truthy, and answers that. Rejects after `withinMs`, naming what it waited for. */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 30_000): Promise<T & {}> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > endMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
