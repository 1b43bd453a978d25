/** Fields that are looked at; none of the lines of a log has as many. */
const MAX_FIELDS = 64;

/**
 * `key=value key="quoted \"value\"" …`: the first of each key. What is not of this form ends the reading, so that text which
 * the writer failed to quote is no field.
 */
export function readLogfmt(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < text.length && fields.size < MAX_FIELDS) {
    const equals = text.indexOf('=', at);
    if (equals < 0 || equals - at > 64 || !/^[\w.@-]+$/.test(text.slice(at, equals))) break;
    const isQuoted = text.charCodeAt(equals + 1) === 34;
    const end = isQuoted ? endOfQuoted(text, equals + 2) : endOfWord(text, equals + 1);
    if (end < 0) break;
    const key = text.slice(at, equals);
    if (!fields.has(key))
      fields.set(key, isQuoted ? unescaped(text.slice(equals + 2, end - 1)) : text.slice(equals + 1, end));
    at = end + 1;
  }
  return fields;
}

/** The index after the quote that ends the value, which a blank or the end must follow; -1 when there is none. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) return at + 1 === text.length || text.charCodeAt(at + 1) === 32 ? at + 1 : -1;
  }
  return -1;
}

function endOfWord(text: string, start: number): number {
  const blank = text.indexOf(' ', start);
  return blank < 0 ? text.length : blank;
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(["\\])/g, '$1') : text;
}
