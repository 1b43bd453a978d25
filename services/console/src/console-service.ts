import type { Measured } from '@fleetwall/core';
import type { EnforcementBoard } from './blocks/enforcement-board.js';
import type { DecisionBoard } from './feeds/decision-board.js';
import type { PullPositions } from './feeds/pull-positions.js';
import type { Notifier } from './notifications/notifier.js';
import type { Sessions } from './session/sessions.js';
import type { SetupLink } from './session/setup-link.js';
import type { DiskWatch } from './system/disk-watch.js';

export interface ConsoleServiceParts {
  board: EnforcementBoard;
  decisionBoard: DecisionBoard;
  positions: PullPositions;
  disk: DiskWatch;
  sessions: Sessions;
  setup: SetupLink;
  notifier: Notifier;
  onError: (error: unknown) => void;
}

const SWEEP_EVERY_MS = 3_600_000;

/** What of the console goes on by itself. */
export class ConsoleService {
  readonly #parts: ConsoleServiceParts;
  #sweep: NodeJS.Timeout | undefined;

  constructor(parts: ConsoleServiceParts) {
    this.#parts = parts;
  }

  /** Resolves when every host's word is known, and the first administrator has a way in. */
  async start(): Promise<void> {
    const { board, decisionBoard, setup, notifier } = this.#parts;
    await board.start();
    await decisionBoard.start();
    await setup.start();
    await notifier.start();
    await this.#hourly();
    this.#sweep = setInterval(() => void this.#hourly(), SWEEP_EVERY_MS);
    this.#sweep.unref();
  }

  /** Nobody waits for any of it: what fails is told of, and done an hour later. */
  async #hourly(): Promise<void> {
    const { sessions, positions, disk, onError } = this.#parts;
    for (const step of [() => sessions.sweep(), () => positions.sweep(), () => disk.sample()])
      await step().catch(onError);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#parts.notifier.stop();
    await this.#parts.board.stop();
    await this.#parts.decisionBoard.stop();
  }

  numbers(): Measured[] {
    return this.#parts.notifier.numbers();
  }

  /** Path and token of the page that creates the first administrator; undefined once there is one. */
  setupPage(): string | undefined {
    return this.#parts.setup.page();
  }
}
