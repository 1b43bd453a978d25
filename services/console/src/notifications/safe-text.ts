/**
 * What could act instead of being read: controls, overrides of direction, invisible characters, separators of lines, halves
 * of pairs.
 */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const MOST_LENGTH = 120;

/** Text that anyone may have written, on one line, every character of it to be seen; `…` where it is cut. */
export function safeText(text: string, mostLength = MOST_LENGTH): string {
  const cut = text.length > mostLength ? `${text.slice(0, mostLength)}…` : text;
  return cut.replace(UNREADABLE, (character) => {
    const hex = (character.codePointAt(0) as number).toString(16);
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/** The same of a name that a mail program must not take for an address of the web or of mail: `evil[.]example`. */
export function safeName(text: string, mostLength = MOST_LENGTH): string {
  return safeText(text, mostLength)
    .replace(/:\/\//g, '[:]//')
    .replace(/@/g, '[at]')
    .replace(/\.(?=[^\s.\d])/g, '[.]');
}

export function htmlText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => names[character] as string);
}
