/** The least value that a share of all (above 0, at most 1) does not exceed: the nearest-rank method. NaN of none. */
export function quantile(values, share) {
  const sorted = [...values].filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
