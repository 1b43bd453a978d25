import type { Uplink } from '@fleetwall/protocol';
import { applyBookmarks, type Bookmarks, type Input, type LineBatch } from './inputs/input.js';
import { LineReader, type LineReaderOptions } from './line-reader.js';
import { Pace } from './pace.js';
import type { Spool, SpoolState } from './spool.js';
import { SpoolSender } from './uplink/spool-sender.js';

export interface CollectorOptions extends LineReaderOptions {
  inputs: readonly Input[];
  spool: Spool;
  uplink: Uplink;
  /** Share of one processor core that reading, and what follows from it in this process, may use: above 0, at most 1. */
  maxCpuShare: number;
  onError: (error: unknown) => void;
}

export interface CollectorStats {
  lines: number;
  events: number;
  /** Events that were there before the first start. */
  history: number;
  sent: number;
  sendFailures: number;
}

/** A spool that holds so much more than is sent makes reading wait. */
const MAX_WAITING_EVENTS = 50_000;
/** Noisy streams wait much earlier, since what is spooled goes in order: a quiet one's line is soon sent whatever others do. */
const MAX_WAITING_BEFORE_NOISE = 2_000;
/** A batch of more lines is noise: its stream has not been read to its end for a while. */
const QUIET_LINES = 200;
const STATE_EVERY_MS = 1_000;

/** read -> frame (the inputs) -> parse -> normalise -> mask -> assemble -> spool -> send -> acknowledge. */
export class CollectorPipeline {
  readonly stats: CollectorStats = { lines: 0, events: 0, history: 0, sent: 0, sendFailures: 0 };
  readonly reader: LineReader;
  readonly #options: CollectorOptions;
  readonly #pace: Pace;
  readonly #stopping = new AbortController();
  readonly #bookmarks: Record<string, Bookmarks> = {};
  #stateMs = 0;
  #sending: Promise<void> = Promise.resolve();
  #room: (() => void)[] = [];
  #ending = false;
  /** Batches that are being stored. */
  readonly #underWay = new Set<Promise<void>>();
  /** Events that are being stored. */
  #storing = 0;
  /** Why the last batch could not be stored here; it comes again until it can. */
  #spoolFailure: string | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#pace = new Pace(options.maxCpuShare);
    this.reader = new LineReader(options);
  }

  async start(): Promise<void> {
    const { spool, inputs } = this.#options;
    const state = spool.state;
    if (state) this.reader.restore(state.assembler);
    Object.assign(this.#bookmarks, state?.bookmarks);
    this.#sending = this.#send();
    for (const input of inputs) {
      await input.start(this.#bookmarks[input.name] ?? {}, (batch) => this.#take(input.name, batch));
    }
  }

  /** What keeps lines from being stored here, in words; empty when nothing does. */
  problems(): string[] {
    return this.#spoolFailure === undefined ? [] : [this.#spoolFailure];
  }

  /** Reads no more, stores where reading stopped, and gives what is spooled a moment to be sent. */
  async stop(drainMs = 2_000): Promise<void> {
    const { inputs, spool } = this.#options;
    this.#ending = true;
    for (const waiting of this.#room.splice(0)) waiting();
    for (const input of inputs) await input.stop();
    await spool.append([], this.#state());
    const giveUp = setTimeout(() => this.#stopping.abort(), drainMs);
    while (spool.waiting > 0 && !this.#stopping.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
    clearTimeout(giveUp);
    this.#stopping.abort();
    await this.#sending;
    await spool.close();
  }

  /**
   * One batch of lines of one stream; resolves when its events are durable here. A state covers the batches before it, so
   * it is stored only when none of them is still under way and may fail.
   */
  async #take(input: string, batch: LineBatch): Promise<void> {
    const isNoise = batch.lines.length > QUIET_LINES;
    await this.#roomFor(isNoise ? MAX_WAITING_BEFORE_NOISE : MAX_WAITING_EVENTS);
    while (this.#isStateDue(batch) && this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    const stored = this.#store(input, batch);
    this.#underWay.add(stored);
    try {
      await stored;
    } finally {
      this.#underWay.delete(stored);
      if (isNoise) await this.#pace.rest();
    }
  }

  /**
   * From reading to `append` nothing else runs, so that a state never covers lines whose events come after it in the log.
   */
  async #store(input: string, batch: LineBatch): Promise<void> {
    const { spool } = this.#options;
    const { lines, bookmarks } = batch;
    const events = lines.flatMap((line) => this.reader.read(line) ?? []);
    const before = this.#bookmarks[input] ?? {};
    this.#bookmarks[input] = applyBookmarks(before, bookmarks);
    const state = this.#isStateDue(batch) ? this.#state() : undefined;
    if (state) this.#stateMs = this.#options.clock();
    const stored = events.length > 0 || state ? spool.append(events, state) : undefined;
    this.#storing += events.length;
    try {
      await stored;
      if (stored) this.#spoolFailure = undefined;
    } catch (error) {
      this.#spoolFailure = (error as Error).message;
      this.#options.onError(error);
      this.#takeBack(input, before, Object.keys(bookmarks));
      throw error;
    } finally {
      this.#storing -= events.length;
    }
    this.stats.lines += lines.length;
    this.stats.events += events.length;
    if (lines[0]?.history) this.stats.history += events.length;
  }

  async #roomFor(maxWaiting: number): Promise<void> {
    while (this.#options.spool.waiting + this.#storing > maxWaiting && !this.#ending) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  /** The batch will come again: the next state must not say that it was taken. */
  #takeBack(input: string, before: Bookmarks, keys: readonly string[]): void {
    const change = Object.fromEntries(keys.map((key) => [key, before[key] ?? null]));
    this.#bookmarks[input] = applyBookmarks(this.#bookmarks[input] ?? {}, change);
    this.#stateMs = 0;
  }

  /** Bookmarks that come alone (the first start, the end of a rotated file) are stored at once. */
  #isStateDue({ lines }: LineBatch): boolean {
    return lines.length === 0 || this.#options.clock() - this.#stateMs >= STATE_EVERY_MS;
  }

  /** Bookmarks and the assembler's memory belong together: what is read again gives the same events with the same ids. */
  #state(): SpoolState {
    return { bookmarks: this.#bookmarks, assembler: this.reader.snapshot() };
  }

  #send(): Promise<void> {
    const { spool, uplink, onError } = this.#options;
    const onSent = (events: number) => {
      this.stats.sent += events;
      for (const waiting of this.#room.splice(0)) waiting();
    };
    const onFailure = (error: unknown) => {
      this.stats.sendFailures++;
      onError(error);
    };
    return new SpoolSender({ spool, uplink, onSent, onFailure }).run(this.#stopping.signal);
  }
}
