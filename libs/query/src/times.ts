const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const RELATIVE = /^now(?:([+-])(\d{1,6})([smhdw]))?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?$/;

/** A span of time: a date is its whole day in UTC, anything else one instant. Milliseconds since 1970, both inclusive. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

/** `now`, `now-7d`, `2026-11-22`, ISO 8601 (UTC where it names no offset), or milliseconds since 1970; else undefined. */
export function timeSpanOf(text: string, nowMs: number): TimeSpan | undefined {
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const [, sign, count = '0', unit = 's'] = relative;
    const timeMs = nowMs + (sign === '-' ? -1 : 1) * Number(count) * (UNITS_MS[unit] as number);
    return { fromMs: timeMs, toMs: timeMs };
  }
  if (/^\d{10,16}$/.test(text)) return { fromMs: Number(text), toMs: Number(text) };
  const isDate = DATE.test(text);
  if (!isDate && !ISO.test(text)) return undefined;
  const timeMs = Date.parse(isDate || /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(timeMs)) return undefined;
  return { fromMs: timeMs, toMs: isDate ? timeMs + (UNITS_MS.d as number) - 1 : timeMs };
}
