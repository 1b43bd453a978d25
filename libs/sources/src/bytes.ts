/** Words to look for in bytes. ASCII only. */
export function ascii(words: string): Uint8Array {
  return Buffer.from(words, 'latin1');
}

/** Whether the words stand at `at`. Beyond the end there is nothing. */
export function standsAt(bytes: Uint8Array, words: Uint8Array, at: number): boolean {
  for (let i = 0; i < words.length; i++) if (bytes[at + i] !== words[i]) return false;
  return true;
}

/** Whether the words stand somewhere in `[start, end)`. */
export function standsIn(bytes: Uint8Array, words: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at + words.length <= end; at++) if (standsAt(bytes, words, at)) return true;
  return false;
}
