/**
 * Bytes of events in this process that are not durable yet, over all connections. Beyond the limit whoever brings more is
 * to pause; so memory stays within the limit and one message a connection, however long the bus is away.
 */
export class ReadingGate {
  #bytes = 0;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Answers whether there is room for more; `onRoom` is called once when there is again. */
  add(bytes: number, onRoom: () => void): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= this.maxBytes) return true;
    this.#waiting.add(onRoom);
    return false;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes > this.maxBytes) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const onRoom of waiting) onRoom();
  }

  /** A connection that is gone waits no more. */
  forget(onRoom: () => void): void {
    this.#waiting.delete(onRoom);
  }
}
