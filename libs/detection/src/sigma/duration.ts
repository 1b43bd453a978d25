const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

/**
 * Sigma's `timespan`: a whole number and one unit, `90s`, `30m`, `12h`, `4d`; above zero, at most ten digits.
 * Answers milliseconds, or undefined for everything else.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,10})([smhd])$/.exec(text);
  if (!match) return undefined;
  const durationMs = Number(match[1]) * UNIT_MS[match[2] as Unit];
  return durationMs > 0 ? durationMs : undefined;
}

/** What somebody meant by `4d30m` or `90 min`, in Sigma's form, as far as it can be told. */
export function suggestDuration(text: string): string {
  const parts = [...text.toLowerCase().matchAll(/(\d{1,10})\s*([smhd])[a-z]*/g)];
  const sumMs = parts.reduce((sum, part) => sum + Number(part[1]) * UNIT_MS[part[2] as Unit], 0);
  const unit = (['d', 'h', 'm', 's'] as const).find((u) => sumMs % UNIT_MS[u] === 0);
  if (sumMs === 0 || unit === undefined) return 'A number and one unit: 90s, 30m, 12h or 4d.';
  return `Sigma knows one number and one unit: write ${sumMs / UNIT_MS[unit]}${unit}.`;
}
