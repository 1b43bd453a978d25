/**
 * One record of ArcSight's Common Event Format, version 0 (revision 25):
 *
 *     CEF:0|vendor|product|version|signature id|name|severity|key=value key=value
 *
 * In the head `|` and `\` are escaped, in values `=` and `\`; a line feed of a value is `\n`, a carriage return `\r`. Other
 * controls, and line ends of the head, become a blank: they would end or hide the record.
 */
export interface CefEvent {
  id: string;
  name: string;
  /** 0 to 10. */
  severity: number;
  /** Keys of the format's dictionary; what is undefined is left out. */
  fields: Record<string, string | number | undefined>;
}

const HEAD = ['CEF:0', 'Fleetwall', 'console', '1'];
/** Most characters of custom strings and names in the dictionary. */
const MOST_CHARS = 4_000;

export function cefLine({ id, name, severity, fields }: CefEvent): string {
  const head = [...HEAD, cefHead(id), cefHead(name), String(severity)].join('|');
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${cefValue(String(value))}`],
  );
  return `${head}|${pairs.join(' ')}\n`;
}

function cefHead(text: string): string {
  return readable(cut(text).replace(/[\r\n]/g, ' ')).replace(/[\\|]/g, '\\$&');
}

function cefValue(text: string): string {
  const escaped = cut(text).replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  return readable(escaped);
}

function cut(text: string): string {
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS - 1)}…` : text;
}

function readable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
}
