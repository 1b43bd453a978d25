/**
 * Page after page of a store, until the last one or as many as there may be; who breaks off has its cursor to go on.
 *
 * @param read the page at a cursor; the first one without
 * @param cursor of a page to begin after
 */
export async function* pagesOf<P extends { cursor?: string }>(
  most: number,
  read: (at: { cursor?: string }) => Promise<P>,
  cursor?: string,
): AsyncGenerator<P> {
  let next = cursor;
  for (let pages = 0; pages < most; pages++) {
    const page = await read(next === undefined ? {} : { cursor: next });
    yield page;
    next = page.cursor;
    if (next === undefined) return;
  }
}

/** Of one answer that is a list: beyond it a phone waits, and a proxy may refuse. */
export const MOST_ANSWER_CHARS = 900_000;

/** How many of the rows make one answer; the first does, however large it is. */
export function fitting(rows: readonly object[]): number {
  let chars = 0;
  const at = rows.findIndex((row) => {
    chars += JSON.stringify(row).length + 1;
    return chars > MOST_ANSWER_CHARS;
  });
  return at < 0 ? rows.length : Math.max(1, at);
}
