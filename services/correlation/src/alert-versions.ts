/** An alert changes a few times at most between two records of its partition: when it fires, grows, and is over. */
const VERSIONS_PER_OFFSET = 1_000;

/**
 * Versions of alert changes by the offset in the observations that the counter has reached. The same fold gives the same
 * versions again; who has read further outranks who has not; and whoever takes a partition over begins behind a claim of
 * its own in that log, so that even what time alone brings about outranks all that was said before.
 */
export class AlertVersions {
  #offset = 0;
  /** Of the alerts that changed at this offset. */
  readonly #given = new Map<string, number>();

  /** @param offset of the record that is counted now; up to 9 * 10^12 */
  moveTo(offset: number): void {
    this.#offset = offset;
    this.#given.clear();
  }

  next(alertId: string): number {
    const last = this.#given.get(alertId);
    const version = last === undefined ? this.#offset * VERSIONS_PER_OFFSET + 1 : last + 1;
    this.#given.set(alertId, version);
    return version;
  }
}
