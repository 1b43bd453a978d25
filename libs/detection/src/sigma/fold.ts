/**
 * Case folding for comparisons: every character by itself, to lower case, so that the length never changes and a part
 * of a text folds to the same part of the folded text (plain toLowerCase breaks both, by the Turkish capital I with a
 * dot and by the final sigma). The three small and capital sigmas are one letter.
 */
export function fold(text: string): string {
  // Most values are lower-case ASCII already; finding that out is several times faster than toLowerCase.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f || (code >= 0x41 && code <= 0x5a)) return foldOther(text);
  }
  return text;
}

function foldOther(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length && !lower.includes('ς') ? lower : foldEach(text);
}

function foldEach(text: string): string {
  let out = '';
  for (const character of text) {
    const lower = character.toLowerCase();
    out += lower === 'ς' ? 'σ' : lower.length === character.length ? lower : character;
  }
  return out;
}
