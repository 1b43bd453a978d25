/** Counts over time as the API answers them; empty buckets are left out. */
export interface Buckets {
  from: string;
  to: string;
  bucketMs: number;
  buckets: { start: string; count: number }[];
}

export interface Bucket {
  startMs: number;
  count: number;
  /** The range begins or ends within it, so that its count is not that of the whole bucket. */
  isCut: boolean;
}

/** As many as a chart ever gets; more would be an answer that is not to be trusted. */
const MOST = 2_000;

/** Every bucket that the range touches, the empty ones too; buckets start at multiples of their length. */
export function filledOf({ from, to, bucketMs, buckets }: Buckets): Bucket[] {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const counts = new Map(buckets.map(({ start, count }) => [Date.parse(start), count]));
  const filled: Bucket[] = [];
  const firstMs = Math.floor(fromMs / bucketMs) * bucketMs;
  for (let startMs = firstMs; startMs < toMs && filled.length < MOST; startMs += bucketMs) {
    const isCut = startMs < fromMs || startMs + bucketMs > toMs;
    filled.push({ startMs, count: counts.get(startMs) ?? 0, isCut });
  }
  return filled;
}
