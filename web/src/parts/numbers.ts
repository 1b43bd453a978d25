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

/** `12.4 GB`, of thousands. */
export function bytesOf(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1_000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
