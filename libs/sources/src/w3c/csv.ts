/**
 * The values of a line that separates them by commas (RFC 4180: quotes around a value that holds commas or quotes, quotes in
 * it doubled). Linear in the length of the line.
 *
 * @returns `open` when the line ends within quotes, so that the value goes on in the next; undefined when it has more than
 *   `maxValues`, or text beside quotes
 */
export function splitCsv(raw: string, maxValues: number): string[] | 'open' | undefined {
  const values: string[] = [];
  let at = 0;
  for (;;) {
    if (values.length === maxValues) return undefined;
    if (raw.charCodeAt(at) === 34) {
      const end = closingQuote(raw, at + 1);
      if (end < 0) return 'open';
      values.push(raw.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      if (at < raw.length && raw.charCodeAt(at) !== 44) return undefined;
    } else {
      const comma = raw.indexOf(',', at);
      const end = comma < 0 ? raw.length : comma;
      values.push(raw.slice(at, end));
      at = end;
    }
    if (at >= raw.length) return values;
    at++;
  }
}

/** The quote that is not one of a pair; -1 when there is none. */
function closingQuote(raw: string, start: number): number {
  let at = raw.indexOf('"', start);
  while (at >= 0 && raw.charCodeAt(at + 1) === 34) at = raw.indexOf('"', at + 2);
  return at;
}
