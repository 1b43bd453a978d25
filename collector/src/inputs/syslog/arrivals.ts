import { isAscii } from 'node:buffer';
import type { Clock } from '@fleetwall/core';
import type { LineSender, RawLine } from '../input.js';
import { lineId, streamId } from '../line-ids.js';

/** Makes lines of what one sender says: each gets a number, since the same words said twice are two messages. */
export class Arrivals {
  readonly stream: string;
  readonly #streamId: string;
  readonly #sender: LineSender;
  readonly #clock: Clock;
  #count = 0;

  /** @param occasion what tells this connection from all others, also of earlier processes */
  constructor(stream: string, occasion: string, sender: LineSender, clock: Clock) {
    this.stream = stream;
    this.#streamId = streamId('syslog', stream, occasion);
    this.#sender = sender;
    this.#clock = clock;
  }

  line(bytes: Buffer, start: number, end: number, truncated: boolean): RawLine {
    const encoding = isAscii(bytes.subarray(start, end)) ? 'latin1' : 'utf8';
    return {
      text: bytes.toString(encoding, start, end),
      truncated,
      id: lineId(this.#streamId, (this.#count++).toString(36), bytes, start, end),
      stream: this.stream,
      history: false,
      readMs: this.#clock(),
      sender: this.#sender,
    };
  }
}
