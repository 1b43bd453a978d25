const DECLARATION = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/;
const WIDE = /^(utf-?16|ucs-?2|iso-10646-ucs-2|unicode)/i;

/**
 * The encoding of XML text, from its first bytes, in the words of TextDecoder: what a byte order mark or the zeros of
 * UTF-16 show, else what the declaration says, else UTF-8.
 */
export function encodingOf(head: Buffer): string {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0) return 'utf-16le';
  if (first === 0 && second !== 0) return 'utf-16be';
  return declaredEncoding(head.toString('latin1'));
}

/** One that the bytes disprove, or that nobody knows, is UTF-8 after all. */
function declaredEncoding(head: string): string {
  const label = DECLARATION.exec(head.replace(/^\xef\xbb\xbf/, ''))?.[1];
  if (label === undefined || WIDE.test(label)) return 'utf-8';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'utf-8';
  }
}
