import { randomUUID } from 'node:crypto';
import {
  BLOCKS_EPOCH_KEY,
  type Block,
  type BlocksEpoch,
  type Bus,
  type BusRecord,
  type Follower,
  type OutRecord,
  TOPICS,
} from '@fleetwall/core';
import { responseServiceError } from './errors.js';

export interface BlocksLogOptions {
  bus: Bus;
  /** A block as another writer left it. */
  onBlock: (block: Block) => void;
  /** Somebody whose term is over wrote to this key after us, this version or a tombstone (0). */
  onOverwritten: (key: string, version: number) => void;
  /** Another instance writes from now on. */
  onSuperseded: () => void;
  onError: (error: unknown) => void;
}

/** Headers of the records: the writer's term, the next request to be carried out, and who raised the term. */
const TERM = 'term';
const REQUESTS = 'requests';
const WRITER = 'writer';

/**
 * The topic of blocks as its writers see it. One instance writes at a time, under a term that is higher than all before;
 * the order of the records in the topic decides which that is. What comes later under a lower term was written by one
 * that lost its place without knowing: every reader ignores it, and the writer puts its own record behind it, so that
 * compaction keeps the right one.
 */
export class BlocksLog {
  readonly #options: BlocksLogOptions;
  #follower: Follower | undefined;
  #epoch: string | undefined;
  /** The highest term so far, and who raised it to that. */
  #term = 0;
  #writer = '';
  /** The term under which this instance writes. */
  #mine: number | undefined;
  #requestsDone = 0;
  #passed = -1;
  #onPassed: { offset: number; resolve: () => void } | undefined;

  constructor(options: BlocksLogOptions) {
    this.#options = options;
  }

  /** Whether this instance holds the highest term. */
  get mayWrite(): boolean {
    return this.#mine !== undefined;
  }

  get term(): number {
    return this.#term;
  }

  /** Offset of the first request that no block tells of: those before it have been carried out. */
  get requestsDone(): number {
    return this.#requestsDone;
  }

  /** Resolves when everything that is there has been read; goes on reading. */
  async start(): Promise<void> {
    this.#follower = await this.#options.bus.follow({
      topic: TOPICS.blocks,
      onRecord: (record) => this.#take(record),
      onError: this.#options.onError,
    });
    await this.#follower.caughtUp;
  }

  async stop(): Promise<void> {
    this.#mine = undefined;
    await this.#follower?.stop();
    this.#onPassed?.resolve();
  }

  /**
   * Raises the term, and reads on until that has happened: what the one before wrote up to there counts. Throws
   * RESPONSE_SUPERSEDED when another instance was faster.
   */
  async takeOver(): Promise<void> {
    const writer = randomUUID();
    const value: BlocksEpoch = { epoch: this.#epoch ?? randomUUID(), term: this.#term + 1 };
    await this.#passage(await this.#publishEpoch(value, writer));
    if (this.#writer !== writer) throw responseServiceError('RESPONSE_SUPERSEDED', { term: this.#term });
    this.#mine = value.term;
  }

  /**
   * The record of a block under this instance's term; a tombstone without `block`.
   *
   * @param requestsDone the next request to be carried out
   */
  recordOf(key: string, block: Block | undefined, requestsDone: number): OutRecord {
    const term = this.#mine as number;
    const value = block ? Buffer.from(JSON.stringify({ ...block, term })) : Buffer.alloc(0);
    return { key, value, headers: { [TERM]: String(term), [REQUESTS]: String(requestsDone) } };
  }

  async #publishEpoch(value: BlocksEpoch, writer: string): Promise<number> {
    const headers = { [TERM]: String(value.term), [WRITER]: writer, [REQUESTS]: String(this.#requestsDone) };
    const record = { key: BLOCKS_EPOCH_KEY, value: Buffer.from(JSON.stringify(value)), headers };
    const [position] = await this.#options.bus.publish(TOPICS.blocks, [record]);
    return position?.offset as number;
  }

  #passage(offset: number): Promise<void> {
    if (this.#passed >= offset) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onPassed = { offset, resolve };
    });
  }

  #take(record: BusRecord): void {
    if (record.key === BLOCKS_EPOCH_KEY) this.#takeEpoch(record);
    else this.#takeBlock(record);
    this.#passed = record.offset;
    if (this.#onPassed && record.offset >= this.#onPassed.offset) this.#onPassed.resolve();
  }

  #takeEpoch({ value, headers }: BusRecord): void {
    const { epoch, term } = JSON.parse(value.toString('utf8')) as BlocksEpoch;
    const writer = headers?.[WRITER] ?? '';
    if (term > this.#term) {
      this.#advance(term, headers);
      this.#epoch = epoch;
      this.#writer = writer;
    } else if (this.#mine !== undefined && writer !== this.#writer && this.#epoch !== undefined) {
      const own = { epoch: this.#epoch, term: this.#mine };
      this.#publishEpoch(own, this.#writer).catch(this.#options.onError);
    }
  }

  #takeBlock({ key, value, headers }: BusRecord): void {
    const isOwn = this.#mine !== undefined && headers?.[TERM] === String(this.#mine);
    if (isOwn) return;
    const block = value.length > 0 ? (JSON.parse(value.toString('utf8')) as Block) : undefined;
    const term = Number(headers?.[TERM] ?? block?.term ?? 0);
    if (term < this.#term) {
      if (this.#mine !== undefined) this.#options.onOverwritten(key, block?.version ?? 0);
      return;
    }
    this.#advance(term, headers);
    if (block && this.#mine === undefined) this.#options.onBlock(block);
  }

  #advance(term: number, headers: BusRecord['headers']): void {
    this.#requestsDone = Math.max(this.#requestsDone, Number(headers?.[REQUESTS] ?? 0));
    this.#term = term;
    if (this.#mine === undefined || term <= this.#mine) return;
    this.#mine = undefined;
    this.#options.onSuperseded();
  }
}
