/** What spreadsheets take for a formula at the beginning of a cell (OWASP, CSV injection), blanks before it included. */
const FORMULA = /^[\s\u00a0]*[=+\-@\t\r|%\uff0b\uff0d\uff1d\uff20]/;

/** A line of RFC 4180 with its end. Every cell is text: none is a formula, and a quote starts none in the middle. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const neutral = FORMULA.test(text) ? `'${text}` : text;
  return `"${neutral.replaceAll('"', '""')}"`;
}
