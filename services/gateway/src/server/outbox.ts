/** Where encoded messages go. */
export interface MessageSink {
  /** Bytes that the network has not taken yet. */
  readonly bufferedAmount: number;
  send(message: Buffer, onSent: (error?: Error | null) => void): void;
}

/** Most bytes that one connection has handed to its socket at once: a snapshot is as large as all that follow together. */
const MAX_BUFFERED_BYTES = 256 << 10;

/**
 * Block messages on their way to one collector, as fast as it takes them. What waits is shared with the other collectors,
 * not copied. When too much waits it is given up, and a fresh snapshot taken once the collector has caught up.
 */
export class Outbox {
  #queue: Buffer[] = [];
  #sending = 0;
  #overflowed = false;

  /** @param resync puts a fresh snapshot into this outbox */
  constructor(
    private readonly sink: MessageSink,
    private readonly maxWaiting: number,
    private readonly resync: () => void,
  ) {}

  /** A snapshot: what waited before it is not needed any more. */
  replace(messages: readonly Buffer[]): void {
    this.#overflowed = false;
    this.#queue = [...messages];
    this.#pump();
  }

  /** Answers false when the collector is too slow for it. */
  add(messages: readonly Buffer[]): boolean {
    if (this.#overflowed) return true;
    this.#queue.push(...messages);
    if (this.#queue.length > this.maxWaiting) {
      this.#queue = [];
      this.#overflowed = true;
    }
    this.#pump();
    return !this.#overflowed;
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.sink.bufferedAmount < MAX_BUFFERED_BYTES) {
      this.#sending++;
      this.sink.send(this.#queue.shift() as Buffer, (error) => {
        this.#sending--;
        if (error) this.#queue = [];
        else if (this.#sending === 0 && this.#overflowed) this.resync();
        else this.#pump();
      });
    }
  }
}
