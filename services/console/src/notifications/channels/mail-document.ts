import { htmlText } from '../safe-text.js';
import type { Told } from '../words.js';

/** A table of a mail: texts only. */
export interface MailTable {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** What to say where there are no rows. */
  empty: string;
}

/** What a mail says, before it is text or HTML. */
export interface MailDocument extends Told {
  tables?: readonly MailTable[];
  /** Why its reader gets it. */
  footer: string;
}

const TEXT_LINK = '   ';

export function mailText({ headline, rows, notes, tables = [], footer }: MailDocument): string {
  const listed = rows.length > 1 || rows[0]?.text !== headline;
  const lines = rows.flatMap(({ text, url }) => [
    ...(listed ? [`- ${text}`] : []),
    ...(url === undefined ? [] : [`${TEXT_LINK}Evidence: ${url}`]),
  ]);
  const parts = [headline, lines.join('\n'), ...tables.map(tableText), ...notes].filter((part) => part !== '');
  return `${parts.join('\n\n')}\n\n-- \n${footer}\n`;
}

function tableText({ title, columns, rows, empty }: MailTable): string {
  if (rows.length === 0) return `${title}\n${empty}`;
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [title, line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const CELL = 'style="text-align:left;vertical-align:top;padding:2px 12px 2px 0"';

/** Without images, scripts and style sheets; the only links are to the console. */
export function mailHtml({ subject, headline, rows, notes, tables = [], footer }: MailDocument): string {
  const listed = rows.length > 1 || rows[0]?.text !== headline;
  const items = rows.map(({ text, url }) => `<li>${listed ? htmlText(text) : ''}${linkHtml(url)}</li>`);
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="format-detection" content="telephone=no">`,
    `<meta name="color-scheme" content="light dark"><title>${htmlText(subject)}</title></head>`,
    '<body style="font-family:sans-serif;font-size:14px;line-height:1.5">',
    `<p><strong>${htmlText(headline)}</strong></p>`,
    ...(items.length > 0 ? [`<ul>${items.join('')}</ul>`] : []),
    ...tables.map(tableHtml),
    ...notes.map((note) => `<p>${htmlText(note)}</p>`),
    `<hr><p><small>${htmlText(footer)}</small></p>`,
    '</body></html>',
  ].join('\n');
}

function linkHtml(url: string | undefined): string {
  return url === undefined ? '' : ` <a href="${htmlText(url)}">Evidence</a>`;
}

function tableHtml({ title, columns, rows, empty }: MailTable): string {
  const heading = `<h2 style="font-size:16px">${htmlText(title)}</h2>`;
  if (rows.length === 0) return `${heading}<p>${htmlText(empty)}</p>`;
  const head = columns.map((name) => `<th scope="col" ${CELL}>${htmlText(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td ${CELL}>${htmlText(cell)}</td>`).join('')}</tr>`);
  return `${heading}<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}
