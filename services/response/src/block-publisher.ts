import { type Bus, type OutRecord, TOPICS } from '@fleetwall/core';

/** Records in one publish: a few hundred kilobytes. */
const MAX_RECORDS = 256;

/** What was decided and is not yet durable on the bus, in order; what failed to go out stays first in line. */
export class BlockPublisher {
  readonly #bus: Bus;
  #unsent: OutRecord[] = [];
  #publishing: Promise<void> = Promise.resolve();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  get waiting(): number {
    return this.#unsent.length;
  }

  put(record: OutRecord): void {
    this.#unsent.push(record);
  }

  /** Resolves when all that was put is durable. One publish at a time; a failed one is tried again with the next. */
  send(): Promise<void> {
    const flushed = this.#publishing.then(() => this.#flush());
    this.#publishing = flushed.catch(() => undefined);
    return flushed;
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#publishing;
  }

  async #flush(): Promise<void> {
    while (this.#unsent.length > 0) {
      const records = this.#unsent.splice(0, MAX_RECORDS);
      try {
        await this.#bus.publish(TOPICS.blocks, records);
      } catch (error) {
        this.#unsent = [...records, ...this.#unsent];
        throw error;
      }
    }
  }
}
