const WORD = /[\p{L}\p{N}]/u;
/** What a shorter name is found in the middle of is a word of the program's own. */
const ALWAYS_FROM_CHARS = 8;

/**
 * The text with a mask wherever the name stands, in any case (of ASCII) and as logs write it: as it is, in XML, in JSON,
 * percent-encoded, or else in hexadecimal; undefined where it stands nowhere. Linear in the length of the text.
 */
export function maskedText(text: string, name: string, mask: string): string | undefined {
  let masked = text;
  for (const form of formsOf(name)) masked = maskForm(masked, form, mask);
  // The audit daemon writes names with unusual characters so.
  if (masked === text) masked = maskForm(text, Buffer.from(name, 'utf8').toString('hex'), mask);
  return masked === text ? undefined : masked;
}

/** The longest first: a shorter one may be part of it. */
function formsOf(name: string): string[] {
  const forms = new Set([name, forXml(name), JSON.stringify(name).slice(1, -1), percentEncoded(name)]);
  return [...forms].sort((a, b) => b.length - a.length);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function forXml(name: string): string {
  return name.replace(/[&<>"']/g, (char) => ENTITIES[char] as string);
}

/** What JavaScript leaves as it is, most servers leave as well. */
function percentEncoded(name: string): string {
  // A lone surrogate has no bytes, and cannot be encoded.
  return encodeURIComponent(Buffer.from(name, 'utf8').toString('utf8'));
}

function maskForm(text: string, form: string, mask: string): string {
  if (form === '') return text;
  const folded = lowerAscii(text);
  const sought = lowerAscii(form);
  let masked = '';
  let copied = 0;
  for (let at = folded.indexOf(sought); at >= 0; at = folded.indexOf(sought, at)) {
    const end = at + sought.length;
    if (sought.length >= ALWAYS_FROM_CHARS || isWhole(folded, at, end)) {
      masked += text.slice(copied, at) + mask;
      copied = end;
    }
    at = end;
  }
  return masked + text.slice(copied);
}

/** Of the same length, so that places stay what they are. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** No part of a longer word; and no part of an address, where it is a number. */
function isWhole(text: string, at: number, end: number): boolean {
  const before = text[at - 1] ?? '';
  const after = text[end] ?? '';
  if (WORD.test(before) || WORD.test(after)) return false;
  if (!/^\d+$/.test(text.slice(at, end))) return true;
  return before !== '.' && before !== ':' && !/^[.:]\d/.test(text.slice(end, end + 2));
}
