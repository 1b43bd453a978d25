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
