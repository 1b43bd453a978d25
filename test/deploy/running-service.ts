import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './compose-file.js';

/** A service or collector as a process of its own, started as its container starts it. */
export class RunningService {
  readonly name: string;
  readonly #child: ChildProcess;
  /** Of health and metrics. */
  readonly httpPort: string;
  #log = '';

  constructor(name: string, env: Record<string, string>) {
    this.name = name;
    this.httpPort = env['FLEETWALL_HTTP_PORT'] as string;
    const inherited = Object.entries(process.env).filter(([key]) => !/^(FLEETWALL_|NODE_OPTIONS)/.test(key));
    const home = env['FLEETWALL_HOME'] as string;
    mkdirSync(home, { recursive: true });
    const main = name === 'collector' ? 'collector/dist/main.js' : `services/${name}/dist/main.js`;
    this.#child = spawn(process.execPath, [join(ROOT, main)], {
      env: { ...Object.fromEntries(inherited), ...env },
      cwd: home,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  get log(): string {
    return this.#log;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** A line of its log by its message, once it is there. */
  async told(message: string): Promise<Record<string, unknown>> {
    return until(
      `${this.name} to say "${message}"`,
      () => this.#said(message),
      () => this.#log.slice(-3_000),
    );
  }

  /** The body of a path of its HTTP port, and its status. */
  async get(path: string): Promise<{ status: number; text: string }> {
    await this.told('started');
    const answer = await fetch(`http://127.0.0.1:${this.httpPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  /** Values of its metrics that are Fleetwall's own or Node's, by name with labels. */
  async metrics(): Promise<Map<string, number>> {
    const { text } = await this.get('/metrics');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  }

  /** SIGTERM, as Docker sends it; answers the exit code. */
  async stop(): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 30_000);
    const code = await ended;
    clearTimeout(late);
    return code;
  }

  #said(message: string): Record<string, unknown> | undefined {
    if (this.hasEnded) throw new Error(`${this.name} ended:\n${this.#log.slice(-3_000)}`);
    const lines = this.#log.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ msg }) => msg === message);
  }
}

/** Polls until `look` answers something, and answers that. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  context: () => string = () => '',
  withinMs = 90_000,
): Promise<T> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`waited ${withinMs} ms for ${what}\n${context()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
