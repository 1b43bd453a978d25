import { createHmac, hash } from 'node:crypto';
import { Recent } from '@fleetwall/core';

/** Streams whose digest is remembered; each is a file, a journal, or a connection. */
const MAX_STREAMS = 4_096;
const DIGEST_CHARS = 16;

/**
 * `event.id` of lines: `<agent>-<stream>-<position>-<digest>`. The position is the line's; the rest of `RawLine.id` is made of
 * what lines say, so that without a key a name that was masked in the event could be guessed by it. The same line has the
 * same id for as long as the collector has its identity, and of one stream, later lines mostly sort behind earlier ones.
 */
export class EventIds {
  readonly #agentId: string;
  readonly #key: Buffer;
  readonly #streams = new Recent<string, string>(MAX_STREAMS);

  /** @param seed secret numbers of this collector, kept as long as its id */
  constructor(agentId: string, seed: readonly number[]) {
    this.#agentId = agentId;
    this.#key = hash('sha256', `event ids\n${seed.join('\n')}`, 'buffer');
  }

  /** @param lineId see `RawLine.id` */
  of(lineId: string): string {
    const [stream = '', position = ''] = lineId.split('-', 2);
    return `${this.#agentId}-${this.#streamDigest(stream)}-${position}-${this.#digest(lineId)}`;
  }

  #streamDigest(stream: string): string {
    let digest = this.#streams.get(stream);
    if (digest === undefined) {
      digest = this.#digest(stream);
      this.#streams.set(stream, digest);
    }
    return digest;
  }

  #digest(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, DIGEST_CHARS);
  }
}
