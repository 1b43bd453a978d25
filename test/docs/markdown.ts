/** A Markdown table with columns as wide as their widest cell; pipes and line ends in cells are escaped. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heading, ...rows].map((row) => row.map(escapeCell));
  const widths = heading.map((_, i) => Math.max(3, ...cells.map((row) => row[i]?.length ?? 0)));
  const lineOf = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [lineOf(first), lineOf(widths.map((width) => '-'.repeat(width))), ...rest.map(lineOf)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Said at the top of every generated document. */
export function generated(from: string): string {
  return `<!-- Written by \`npm run docs\` from ${from}; changes belong there. -->`;
}

/** What GitHub makes of a heading: the part of a link behind `#`. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Mn}_ -]/gu, '')
    .replaceAll(' ', '-');
}
