/**
 * Case folding for comparisons: every character by itself, to lower case, so that the length never changes and a part
 * of a text folds to the same part of the folded text (plain toLowerCase breaks both, by the Turkish capital I with a
 * dot and by the final sigma). The three small and capital sigmas are one letter.
 */
export function fold(text: string): string {
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
