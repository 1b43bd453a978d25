const SLOTS = 1024;
const table: string[] = new Array<string>(SLOTS).fill('');

/**
 * The same string object for words that come again and again (hosts, programs, methods), so that looking them up does
 * not hash them anew. A new word takes another one's slot; nothing grows.
 */
export function wordOf(text: string): string {
  const last = text.length - 1;
  if (last < 0 || last > 31) return text;
  const slot =
    (text.charCodeAt(0) * 31 + text.charCodeAt(last) * 131 + text.charCodeAt(last >> 1) + last) & (SLOTS - 1);
  const known = table[slot] as string;
  if (known === text) return known;
  table[slot] = text;
  return text;
}
