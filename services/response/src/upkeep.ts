import type { Clock } from '@fleetwall/core';
import type { BlockWriter } from './block-writer.js';
import type { Lists } from './lists.js';
import { Rounds } from './rounds.js';

const TICK_MS = 250;
/** The denylist is looked at when it changes, and so often for what time brings: ends, renewals, exemptions that are over. */
const DENY_EVERY_MS = 60_000;
const FLUSH_HITS_MS = 10_000;

export interface UpkeepOptions {
  /** Of this moment: another one after each change of roles. */
  writer: () => BlockWriter;
  lists: Lists;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** What changes blocks without an alert or a request: time and the lists. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timers: NodeJS.Timeout[] = [];
  /** Holds come due, blocks expire. */
  readonly #tick = new Rounds(() => this.#bringAbout(({ decider }, nowMs) => decider.ticking(nowMs)));
  readonly #deny = new Rounds(() => this.#bringAbout(({ decider }, nowMs) => decider.denying(nowMs)));
  /** What is exempt now is lifted, and what is denied and no longer exempt is blocked. */
  readonly #review = new Rounds(async () => {
    await this.#bringAbout(({ decider }, nowMs) => decider.reviewing(nowMs));
    this.#deny.ask();
  });

  constructor(options: UpkeepOptions) {
    this.#options = options;
    const { allow, deny } = options.lists;
    allow.onChange = () => this.#review.ask();
    deny.onChange = () => this.#deny.ask();
  }

  start(): void {
    this.#timers = [
      setInterval(() => this.#tick.ask(), TICK_MS),
      setInterval(() => this.#deny.ask(), DENY_EVERY_MS),
      setInterval(() => void this.#flushHits(), FLUSH_HITS_MS),
    ];
  }

  /** This instance decides from now on: the lists may have changed while nobody did. */
  takeOver(): void {
    // Deciding waits for no registry that is away.
    this.#options.lists.hits.begin().catch(this.#options.onError);
    this.#review.ask();
  }

  pause(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Resolves when nothing is under way, and what was counted is kept. */
  async settled(): Promise<void> {
    await Promise.all([this.#tick.settled(), this.#review.settled()]);
    await this.#deny.settled();
    await this.#flushHits();
  }

  #bringAbout(steps: (writer: BlockWriter, nowMs: number) => Iterable<void>): Promise<void> {
    const writer = this.#options.writer();
    return writer.bringAbout(() => steps(writer, this.#options.clock()));
  }

  async #flushHits(): Promise<void> {
    if (this.#options.writer().isActive) await this.#options.lists.hits.flush().catch(this.#options.onError);
  }
}
