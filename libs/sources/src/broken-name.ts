/**
 * A name that a peer chose may hold line ends where the program does not escape them. Then the rest of it stands in the log
 * as lines that the peer wrote, in whatever form. They come right behind the line in which the program's text breaks off,
 * and together they are no longer than a name can be: so far nothing is believed.
 */
export class BrokenName {
  #leftChars = 0;

  /** @param maxChars the longest that a name can be */
  constructor(readonly maxChars: number) {}

  /** The line broke off within a name. */
  begin(): void {
    this.#leftChars = this.maxChars;
  }

  /** Whether the next line may be a part of a name. To be asked once of each line. */
  mayHold(raw: string): boolean {
    if (this.#leftChars <= 0) return false;
    this.#leftChars -= raw.length + 1;
    return true;
  }
}
