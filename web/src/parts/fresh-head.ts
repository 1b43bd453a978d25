/** How the rows of a page are read and named. */
export interface PageShape<P, R> {
  rowsOf: (page: P) => R[];
  withRows: (page: P, rows: R[]) => P;
  idOf: (row: R) => string;
}

/**
 * Pages of a list, newest first, after its first page was asked for anew: what is new stands in front, what left the
 * first page is gone, and what new rows pushed off its end stays. Where more than a page is new, the pages behind would
 * leave a gap: they go, and load again on scrolling.
 */
export function withFreshHead<P extends { cursor?: string }, R>(
  pages: P[],
  head: P,
  { rowsOf, withRows, idOf }: PageShape<P, R>,
): P[] {
  const last = rowsOf(head).at(-1);
  if (head.cursor === undefined || last === undefined) return [head];
  const all = pages.map(rowsOf);
  const lastId = idOf(last);
  const overlap = all.findIndex((rows) => rows.some((row) => idOf(row) === lastId));
  if (overlap < 0) return [head];
  const fresh = new Set(rowsOf(head).map(idOf));
  const kept = (rows: R[]) => rows.filter((row) => !fresh.has(idOf(row)));
  const meeting = all[overlap] as R[];
  const pushedOff = kept(meeting.slice(meeting.findIndex((row) => idOf(row) === lastId)));
  const first = withRows(pages[overlap] as P, [...rowsOf(head), ...pushedOff]);
  return [first, ...pages.slice(overlap + 1).map((page) => withRows(page, kept(rowsOf(page))))];
}
