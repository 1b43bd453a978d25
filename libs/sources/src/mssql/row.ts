/** One line of the error log. */
export interface MssqlRow {
  /** Without blanks: `Logon`, `spid51`, `Server`. */
  writer: string;
  text: string;
}

/** `2026-11-22 07:00:00.17 Logon       `: hundredths of a second, and twelve characters for who writes. */
const HEAD = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d (?=\p{L}.{11}\S)(\p{L}[\p{L}\d]{0,11}) {0,11}(?=\S)/u;
const HEAD_CHARS = 35;
const STAMP_CHARS = 23;

/** Undefined when the line does not begin as the error log's lines do; some messages go on in lines without a head. */
export function rowOf(raw: string): MssqlRow | undefined {
  if (raw.charCodeAt(19) !== 46 || raw.charCodeAt(22) !== 32 || !HEAD.test(raw)) return undefined;
  return { writer: raw.slice(STAMP_CHARS, HEAD_CHARS).trimEnd(), text: raw.slice(HEAD_CHARS) };
}

/**
 * The text of a line in UTF-16, as the error log is written on Windows, that was read as if it were UTF-8: every other
 * character is a NUL. A line with a character beyond ASCII is no such line: what follows it could be the peer's.
 *
 * @returns undefined when it is neither that nor free of NULs
 */
export function narrow(raw: string): string | undefined {
  if (!raw.includes('\0')) return raw;
  const start = raw.startsWith('\uFFFD\uFFFD') ? 2 : raw.charCodeAt(0) === 0 ? 1 : 0;
  const characters: string[] = [];
  for (let i = start; i < raw.length; i += 2) {
    const code = raw.charCodeAt(i);
    if (code === 0 || code >= 0x80 || (i + 1 < raw.length && raw.charCodeAt(i + 1) !== 0)) return undefined;
    characters.push(raw.charAt(i));
  }
  return characters.join('').trimEnd();
}
