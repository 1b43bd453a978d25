import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { countedOf, FleetwallError, type Measured } from '@fleetwall/core';
import { type DetectionSources, type Detections, readDetections } from './detections.js';

export interface DetectionWatchOptions {
  sources: DetectionSources;
  /** Milliseconds from one look at the directories to the next; 2,000 when absent. */
  everyMs?: number;
  /** As pino's. */
  log: { info(fields: object, text: string): void; error(fields: object, text: string): void };
}

const GAUGES = ['generation', 'rules', 'policies', 'loadedAtMs', 'refused'] as const;

export interface DetectionStats {
  /** Of the set in force; the one that was read at start is 1. */
  generation: number;
  rules: number;
  policies: number;
  /** When the set in force was taken up, milliseconds since 1970 UTC. */
  loadedAtMs: number;
  /** Changes that were refused. */
  failedReloads: number;
}

const LOOK_EVERY_MS = 2_000;

/**
 * Rules and policies, and what becomes of them while the service runs. The directories are looked at again and again (names,
 * sizes and times of the files: a mount, an editor and a link that is turned all show). What is as before for two looks
 * is read as a whole: without a mistake it is handed over as a whole, otherwise the first mistake is told, once for each
 * change, and what is in force stays in force.
 */
export class DetectionWatch {
  /** The set in force. */
  detections: Detections;
  readonly stats: DetectionStats;
  /** Why the files are not in force as they are now; absent when they are. */
  refusal: string | undefined;
  readonly #options: DetectionWatchOptions;
  #apply: (detections: Detections) => Promise<void> | void = () => undefined;
  /** The state of the files that was taken up, or refused for good. */
  #judged: string;
  #inForce: string;
  #seen: string;
  #told = '';
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /** Reads the first set. Throws its first mistake, or RULES_UNREADABLE. */
  static async open(options: DetectionWatchOptions): Promise<DetectionWatch> {
    // Looked at first: what changes while it is read is seen as a change.
    const state = await stateOf(options.sources);
    return new DetectionWatch(options, await readDetections(options.sources), state);
  }

  private constructor(options: DetectionWatchOptions, detections: Detections, state: string) {
    this.#options = options;
    this.detections = detections;
    this.stats = { generation: 1, ...countsOf(detections), loadedAtMs: Date.now(), failedReloads: 0 };
    this.#judged = state;
    this.#inForce = state;
    this.#seen = state;
  }

  /**
   * Begins to look.
   *
   * @param apply puts a set in force, all of it or, by throwing, none; a retryable error is tried again at the next look.
   *   One call at a time
   */
  start(apply: (detections: Detections) => Promise<void> | void): void {
    this.#apply = apply;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, this.#options.everyMs ?? LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** For metrics: `fleetwall_rules_generation` and the like. */
  numbers(): Measured[] {
    return countedOf('rules', 'Rules in force', { ...this.stats, refused: this.refusal === undefined ? 0 : 1 }, GAUGES);
  }

  async #look(): Promise<void> {
    const state = await stateOf(this.#options.sources);
    const isSettled = state === this.#seen;
    this.#seen = state;
    if (!isSettled) return;
    if (state === this.#inForce) this.refusal = undefined;
    if (state === this.#judged) return;
    try {
      const detections = await readDetections(this.#options.sources);
      if ((await stateOf(this.#options.sources)) !== state) return;
      await this.#apply(detections);
      this.#judged = state;
      this.#inForce = state;
      this.#takeUp(detections);
    } catch (error) {
      if (isFinal(error)) this.#judged = state;
      this.#refuse(error, state);
    }
  }

  #takeUp(detections: Detections): void {
    this.detections = detections;
    this.refusal = undefined;
    Object.assign(this.stats, countsOf(detections), { loadedAtMs: Date.now() });
    const { generation, rules, policies } = this.stats;
    this.stats.generation = generation + 1;
    this.#options.log.info({ generation: generation + 1, rules, policies }, 'rules and policies changed');
  }

  #refuse(error: unknown, state: string): void {
    const { position, message } = error as Partial<FleetwallError>;
    const words = [position, message ?? String(error)].filter((part) => part !== undefined).join(': ');
    this.refusal = words;
    if (this.#told === `${state} ${words}`) return;
    this.#told = `${state} ${words}`;
    this.stats.failedReloads++;
    this.#options.log.error({ err: error }, `changed rules and policies are refused, the old ones stay: ${words}`);
  }
}

/** Whether the same files would be refused again. Those that cannot be read may be readable without having changed. */
function isFinal(error: unknown): boolean {
  return error instanceof FleetwallError && !error.retryable && error.code !== 'RULES_UNREADABLE';
}

function countsOf({ rules, policies }: Detections) {
  return { rules: rules.rules.length + rules.correlations.length, policies: policies.length };
}

/** Every name with what changes when its file does. */
async function stateOf({ rules, policies }: DetectionSources): Promise<string> {
  const states = await Promise.all([...rules, policies].map(stateOfDirectory));
  return states.join('\n\n');
}

async function stateOfDirectory(directory: string): Promise<string> {
  try {
    const names = (await stat(directory)).isFile() ? [''] : await readdir(directory, { recursive: true });
    const paths = names
      .filter((name) => name === '' || /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(directory, name));
    return (await Promise.all(paths.map(stateOfFile))).join('\n');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

async function stateOfFile(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [path, dev, ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
