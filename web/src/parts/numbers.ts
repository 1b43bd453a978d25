const WHOLE = new Intl.NumberFormat('en-GB');

/** 1,234. */
export function counted(count: number): string {
  return WHOLE.format(count);
}

/** `1 host`, `3 hosts`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/** For charts alone: `12.4 k`. */
export function briefly(count: number): string {
  if (count < 10_000) return counted(count);
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)} k` : `${(count / 1_000_000).toFixed(1)} M`;
}
