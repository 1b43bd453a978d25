import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FleetwallError } from '@fleetwall/core';
import {
  BATCH_HEADER_BYTES,
  type BatchFrame,
  encodeBatchFrame,
  joinEvents,
  PROTOCOL_LIMITS,
  type SendWindow,
} from '@fleetwall/protocol';
import { uplinkError } from './errors.js';

interface Item {
  events: readonly string[];
  /** Made when it is sent first, and kept for sending it again. */
  encoded: Omit<BatchFrame, 'sequence'> | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const compress = promisify(gzip);
/** What is smaller gains nothing by compression. */
const MIN_COMPRESSED_BYTES = 512;
/** What is no larger before compression fits into a message whatever compression makes of it. */
const SAFE_BYTES = PROTOCOL_LIMITS.frameBytes - BATCH_HEADER_BYTES - 4_096;

/**
 * Batches on their way, in order: those sent on the present connection and not acknowledged come first, then those that
 * wait. A lost connection makes the first of them wait again.
 */
export class OutQueue {
  readonly #items: Item[] = [];
  #send: ((frame: Buffer) => void) | undefined;
  #window: SendWindow = { batches: 0, bytes: 0 };
  /** How many from the first on were sent on this connection. */
  #sent = 0;
  #sentBytes = 0;
  /** Sequence number of the first item on this connection. */
  #firstSequence = 1;
  #pumping = false;
  #closed = false;

  /** @param onTooLarge told of an event that no batch can carry: it is passed over, so that it does not stop the others */
  constructor(private readonly onTooLarge: (error: FleetwallError) => void) {}

  /** Batches that are not acknowledged. */
  get length(): number {
    return this.#items.length;
  }

  /** Resolves when the gateway acknowledged it. Takes any number of events: many go as several batches. */
  push(events: readonly string[]): Promise<void> {
    if (this.#closed) return Promise.reject(uplinkError('UPLINK_CLOSED'));
    const pushed = inBatches(events).map(
      (batch) =>
        new Promise<void>((resolve, reject) => {
          this.#items.push({ events: batch, encoded: undefined, resolve, reject });
        }),
    );
    this.#pump();
    return Promise.all(pushed).then(() => undefined);
  }

  /** A new connection: everything that is not acknowledged is sent on it, numbered from 1. */
  attach(send: (frame: Buffer) => void, window: SendWindow): void {
    this.detach();
    this.#send = send;
    this.#window = window;
    this.#pump();
  }

  detach(): void {
    this.#send = undefined;
    this.#sent = 0;
    this.#sentBytes = 0;
    this.#firstSequence = 1;
  }

  setWindow(window: SendWindow): void {
    this.#window = window;
    this.#pump();
  }

  /** Every batch up to the sequence is durable; answers false for one that was not sent. */
  acknowledge(sequence: number): boolean {
    const count = sequence - this.#firstSequence + 1;
    if (count > this.#sent) return false;
    for (let i = 0; i < count; i++) {
      const item = this.#items.shift() as Item;
      this.#sent--;
      this.#sentBytes -= item.encoded?.rawBytes ?? 0;
      this.#firstSequence++;
      item.resolve();
    }
    this.#pump();
    return true;
  }

  /** Rejects what is not acknowledged. */
  close(): void {
    this.#closed = true;
    this.detach();
    for (const { reject } of this.#items.splice(0)) reject(uplinkError('UPLINK_CLOSED'));
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#isRoom()) {
        const item = this.#items[this.#sent] as Item;
        item.encoded ??= await encode(item.events);
        // Meanwhile the connection may have gone, or others been acknowledged.
        if (item === this.#items[this.#sent] && this.#isRoom()) this.#sendNext(item, item.encoded);
      }
    } finally {
      this.#pumping = false;
    }
  }

  #isRoom(): boolean {
    const item = this.#items[this.#sent];
    if (!item || !this.#send || this.#sent >= this.#window.batches) return false;
    return this.#sent === 0 || this.#sentBytes + (item.encoded?.rawBytes ?? 0) <= this.#window.bytes;
  }

  #sendNext(item: Item, encoded: Omit<BatchFrame, 'sequence'>): void {
    let frame: Buffer;
    try {
      frame = encodeBatchFrame({ ...encoded, sequence: this.#firstSequence + this.#sent });
    } catch (error) {
      this.#items.splice(this.#sent, 1);
      this.onTooLarge(error as FleetwallError);
      item.resolve();
      return;
    }
    this.#sent++;
    this.#sentBytes += encoded.rawBytes;
    this.#send?.(frame);
  }
}

async function encode(events: readonly string[]): Promise<Omit<BatchFrame, 'sequence'>> {
  const raw = joinEvents(events);
  const isSmall = raw.length < MIN_COMPRESSED_BYTES;
  const payload = isSmall ? raw : await compress(raw, { level: constants.Z_BEST_SPEED });
  return { codec: isSmall ? 'identity' : 'gzip', events: events.length, rawBytes: raw.length, payload };
}

/** Cut where a batch would be too large; an event that is too large by itself stands alone. */
function inBatches(events: readonly string[]): (readonly string[])[] {
  const batches: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const eventBytes = Buffer.byteLength(event) + 1;
    bytes += eventBytes;
    if (bytes > SAFE_BYTES || (batches.at(-1)?.length ?? 0) >= PROTOCOL_LIMITS.batchEvents) {
      batches.push([]);
      bytes = eventBytes;
    }
    batches.at(-1)?.push(event);
  }
  return batches;
}
