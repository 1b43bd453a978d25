import { maskOf } from './account-digest.js';

const WORD = /[\p{L}\p{N}]/u;
const BEYOND_ASCII = /[\u0080-\uffff]/;
/** What no log writes in any other way. */
const PLAIN = /^[A-Za-z0-9._-]+$/;
/** What a shorter name is found in the middle of is a word of the program's own. */
const ALWAYS_FROM_CHARS = 8;

/** What is longer is worked out anew each time: names that somebody made long are not to take several times their room. */
const MAX_KEPT_CHARS = 256;

/** How logs write a name, without capitals of ASCII. */
interface Written {
  /** The longest first: a shorter one may be part of it. */
  forms: readonly string[];
  /** The audit daemon writes names with unusual characters so. */
  hexadecimal: string;
}

/** A name and what stands in its place. */
export class MaskedName {
  readonly mask: string;
  #written: Written | undefined;

  constructor(
    readonly name: string,
    readonly digest: string,
  ) {
    this.mask = maskOf(digest);
  }

  /**
   * The text with the mask wherever the name stands, in any case (of ASCII) and as logs write it: as it is, in XML, in JSON,
   * percent-encoded, or else in hexadecimal; itself where it stands nowhere. Linear in the length of the text.
   *
   * @param folded the text as {@link lowerAscii} answers it, for whoever looks for several names
   */
  maskedIn(text: string, folded: string = lowerAscii(text)): string {
    const { forms, hexadecimal } = this.#forms();
    let masked = text;
    for (const form of forms) masked = maskForm(masked, masked === text ? folded : lowerAscii(masked), form, this.mask);
    return masked === text ? maskForm(text, folded, hexadecimal, this.mask) : masked;
  }

  #forms(): Written {
    const written = this.#written ?? writtenOf(this.name);
    if (this.name.length <= MAX_KEPT_CHARS) this.#written = written;
    return written;
  }
}

function writtenOf(name: string): Written {
  return { forms: formsOf(name).map(lowerAscii), hexadecimal: Buffer.from(name, 'utf8').toString('hex') };
}

/** Of the same length, so that places stay what they are. */
export function lowerAscii(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

function formsOf(name: string): string[] {
  if (PLAIN.test(name)) return [name];
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

/** @param folded the text, and `form` what is sought, without capitals of ASCII */
function maskForm(text: string, folded: string, form: string, mask: string): string {
  if (form === '') return text;
  let masked = '';
  let copied = 0;
  for (let at = folded.indexOf(form); at >= 0; at = folded.indexOf(form, at)) {
    const end = at + form.length;
    if (form.length >= ALWAYS_FROM_CHARS || isWhole(folded, at, end)) {
      masked += text.slice(copied, at) + mask;
      copied = end;
    }
    at = end;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

/** No part of a longer word; and no part of an address, where it is a number. */
function isWhole(text: string, at: number, end: number): boolean {
  const before = text[at - 1] ?? '';
  const after = text[end] ?? '';
  if (WORD.test(before) || WORD.test(after)) return false;
  if (!/^\d+$/.test(text.slice(at, end))) return true;
  return before !== '.' && before !== ':' && !/^[.:]\d/.test(text.slice(end, end + 2));
}
