import { type BatchFrame, protocolError, type SendWindow } from '@fleetwall/protocol';

/** The batches of one connection that are under way, in their order. */
export class BatchWindow {
  #expected = 1;
  #acknowledged = 0;
  #bytes = 0;
  readonly #bytesOf = new Map<number, number>();
  readonly #durable = new Set<number>();

  constructor(private readonly granted: SendWindow) {}

  /** Batches that are not acknowledged. */
  get underWay(): number {
    return this.#bytesOf.size;
  }

  /** @throws SEQUENCE_BROKEN unless it is the next one, WINDOW_EXCEEDED when it may not be under way yet */
  begin({ sequence, rawBytes }: BatchFrame): void {
    if (sequence !== this.#expected) {
      throw protocolError('SEQUENCE_BROKEN', { sequence, expected: this.#expected });
    }
    const { batches, bytes } = this.granted;
    if (this.underWay >= batches) {
      throw protocolError('WINDOW_EXCEEDED', { reason: `${this.underWay + 1} batches, at most ${batches}` });
    }
    if (this.underWay > 0 && this.#bytes + rawBytes > bytes) {
      throw protocolError('WINDOW_EXCEEDED', { reason: `${this.#bytes + rawBytes} bytes, at most ${bytes}` });
    }
    this.#expected++;
    this.#bytes += rawBytes;
    this.#bytesOf.set(sequence, rawBytes);
  }

  /** Answers what to acknowledge now, if anything: the last batch before which all are durable. */
  end(sequence: number): number | undefined {
    this.#durable.add(sequence);
    const before = this.#acknowledged;
    while (this.#durable.delete(this.#acknowledged + 1)) {
      this.#acknowledged++;
      this.#bytes -= this.#bytesOf.get(this.#acknowledged) as number;
      this.#bytesOf.delete(this.#acknowledged);
    }
    return this.#acknowledged > before ? this.#acknowledged : undefined;
  }
}
