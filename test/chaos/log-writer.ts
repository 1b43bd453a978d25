import { appendFileSync, writeFileSync } from 'node:fs';
import { type Act, idleLine, type Line } from './script.js';

const TICK_MS = 50;
/** Once the faults are over, the rest of a script is written so much faster. */
const HURRY = 5;

/** Writes the logs of all hosts, each line stamped now: acts of attackers and innocents, and what else hosts say. */
export class LogWriter {
  /** Every line that gives an event, as it was written. */
  readonly events: string[] = [];
  lines = 0;
  readonly #paths: Map<string, string>;
  readonly #actsPerSecond: number;
  readonly #idlePerSecond: number;
  readonly #acts: Act[];
  #done = 0;
  #serial = 0;
  #stopping = false;
  #writing: Promise<void> = Promise.resolve();

  /** @param paths by host; the files are made, empty */
  constructor(paths: Map<string, string>, acts: Act[], pace: { actsPerSecond: number; idlePerSecond: number }) {
    this.#paths = paths;
    this.#acts = acts;
    this.#actsPerSecond = pace.actsPerSecond;
    this.#idlePerSecond = pace.idlePerSecond;
    for (const path of paths.values()) writeFileSync(path, '');
  }

  start(): void {
    this.#writing = this.#run();
  }

  /** Writes the rest of the script, then stops. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await this.#writing;
  }

  /** Lines at once, between those that are written anyway; each gives an event. */
  write(lines: readonly Line[]): void {
    this.#append(lines.map((line) => ({ ...line, isEvent: true })));
  }

  async #run(): Promise<void> {
    let [actsDue, idleDue, lastMs] = [0, 0, performance.now()];
    while (!this.#stopping || this.#done < this.#acts.length) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const seconds = (performance.now() - lastMs) / 1_000;
      lastMs = performance.now();
      actsDue += seconds * this.#actsPerSecond * (this.#stopping ? HURRY : 1);
      idleDue += seconds * this.#idlePerSecond;
      for (; actsDue >= 1; actsDue--) this.write(this.#acts[this.#done++] ?? []);
      const idle: (Line & { isEvent: boolean })[] = [];
      for (; idleDue >= 1; idleDue--) idle.push(this.#idle());
      this.#append(idle);
    }
  }

  #idle(): Line & { isEvent: boolean } {
    const hosts = [...this.#paths.keys()];
    const serial = ++this.#serial;
    return idleLine(hosts[serial % hosts.length] as string, serial);
  }

  #append(lines: readonly (Line & { isEvent: boolean })[]): void {
    const stamp = new Date().toISOString();
    const texts = new Map<string, string>();
    for (const { host, rest, isEvent } of lines) {
      const line = `${stamp} ${host} ${rest}`;
      texts.set(host, `${texts.get(host) ?? ''}${line}\n`);
      if (isEvent) this.events.push(line);
    }
    this.lines += lines.length;
    for (const [host, text] of texts) appendFileSync(this.#paths.get(host) as string, text);
  }
}
