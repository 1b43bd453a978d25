import type { Block, Bus } from '@fleetwall/core';
import { type BlockChanges, type Decider, keyOf } from '@fleetwall/response';
import { BlockPublisher } from './block-publisher.js';
import { BlocksLog } from './blocks-log.js';
import { responseServiceError } from './errors.js';
import { SeenAlerts } from './seen-alerts.js';
import { Turns } from './turns.js';

/** Blocks that wait to be written before they are. */
const MAX_WAITING = 256;

export interface BlockWriterOptions {
  bus: Bus;
  /** A new one, which nothing has been told yet. */
  decider: Decider;
  /** Somebody whose term is over wrote a block, and the right one was put behind it. */
  onOverwritten: () => void;
  /** Another instance writes from now on; this writer never will again. */
  onSuperseded: () => void;
  onError: (error: unknown) => void;
}

/**
 * One life of an instance: it follows the blocks, may take over once, then decides and writes until it is superseded or
 * stopped. What it had in mind by then goes with it.
 */
export class BlockWriter {
  readonly decider: Decider;
  readonly seen = new SeenAlerts();
  readonly #options: BlockWriterOptions;
  readonly #log: BlocksLog;
  readonly #publisher: BlockPublisher;
  readonly #turns = new Turns();
  #requestsDone = 0;

  constructor(options: BlockWriterOptions) {
    this.#options = options;
    this.decider = options.decider;
    this.#publisher = new BlockPublisher(options.bus);
    this.#log = new BlocksLog({
      bus: options.bus,
      onBlock: (block) => this.decider.restore(block),
      onOverwritten: (key, version) => this.#putRight(key, version),
      onSuperseded: options.onSuperseded,
      onError: options.onError,
    });
  }

  /** Whether this instance decides. */
  get isActive(): boolean {
    return this.#log.mayWrite;
  }

  get term(): number {
    return this.#log.term;
  }

  /** Requests before this offset were carried out or refused; every block that is written says so. */
  get requestsDone(): number {
    return this.#requestsDone;
  }

  /** Resolves when all blocks are known; goes on following. */
  start(): Promise<void> {
    return this.#log.start();
  }

  /** Throws RESPONSE_SUPERSEDED when another instance was faster. */
  async takeOver(): Promise<void> {
    await this.#log.takeOver();
    this.mustBeActive();
    this.#requestsDone = this.#log.requestsDone;
  }

  /** Throws RESPONSE_SUPERSEDED, so that nothing is committed that was not decided. */
  mustBeActive(): void {
    if (!this.isActive) throw responseServiceError('RESPONSE_SUPERSEDED', { term: this.term });
  }

  /** What a request leads to; every block that is written from now on says that it was carried out. */
  carryOut(offset: number, decide: () => BlockChanges): void {
    const changes = decide();
    this.#requestsDone = Math.max(this.#requestsDone, offset + 1);
    this.put(changes);
  }

  /**
   * Decides step by step, in turns with everybody else, and writes in between what there is, so that little waits. Ends
   * when all is decided, which the last {@link send} makes durable. Throws RESPONSE_SUPERSEDED, and what publishing throws;
   * what was decided by then stays in line.
   */
  async decide(steps: Iterable<void>): Promise<void> {
    const { book } = this.decider;
    for (const _ of steps) {
      if (book.changes < MAX_WAITING && !this.#turns.isOver) continue;
      this.put(book.takeChanges());
      if (this.#publisher.waiting >= MAX_WAITING) await this.send();
      await this.#turns.pass();
      this.mustBeActive();
    }
    this.put(book.takeChanges());
  }

  /** What time or the allowlist brings about, when this instance decides. Never rejects. */
  async bringAbout(steps: () => Iterable<void>): Promise<void> {
    if (!this.isActive) return;
    try {
      await this.decide(steps());
      await this.send();
    } catch (error) {
      if (this.isActive) this.#options.onError(error);
    }
  }

  /** Takes them for the next {@link send}. */
  put({ changed, forgotten }: BlockChanges): void {
    for (const block of changed) this.#put(block, block);
    for (const block of forgotten) this.#put(block, undefined);
  }

  /** Resolves when all that was put is durable. */
  send(): Promise<void> {
    return this.#publisher.send();
  }

  settled(): Promise<void> {
    return this.#publisher.settled();
  }

  async stop(): Promise<void> {
    await this.#publisher.settled();
    await this.#log.stop();
  }

  #put({ target, scope }: Block, block: Block | undefined): void {
    this.#publisher.put(this.#log.recordOf(keyOf(target, scope), block, this.#requestsDone));
  }

  /** As a later version, for readers that know no terms. */
  #putRight(key: string, version: number): void {
    const { book } = this.decider;
    const targeted = book.ofTarget(key.slice(key.lastIndexOf(' ') + 1));
    const block = targeted.find(({ target, scope }) => keyOf(target, scope) === key);
    if (block) {
      block.version = Math.max(block.version, version);
      book.touch(block);
    } else this.#publisher.put(this.#log.recordOf(key, undefined, this.#requestsDone));
    this.put(book.takeChanges());
    this.send().catch(this.#options.onError);
    this.#options.onOverwritten();
  }
}
