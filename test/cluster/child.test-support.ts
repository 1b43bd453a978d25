import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnTypeScript } from '@fleetwall/testkit';

/** A process of a test-support entry of this folder, and the last it told of itself. */
export class Child<Told extends object> {
  told: Told | undefined;
  readonly lines: object[] = [];
  readonly process: ChildProcess;

  constructor(entry: string, settings: object) {
    const path = fileURLToPath(new URL(entry, import.meta.url));
    this.process = spawnTypeScript(path, [JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.process.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const said = JSON.parse(line) as object;
      if ('error' in said || 'notice' in said) this.lines.push(said);
      else this.told = said as Told;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Ends it, whatever state it is in. */
  async end(name: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.ended) return;
    const exit = once(this.process, 'exit');
    this.signal(name);
    await exit;
  }
}
