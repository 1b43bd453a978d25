import { absolute } from '../parts/times.js';

/** From when to when, as the address of the page and the API write it: `now-24h`, or ISO 8601. */
export interface Range {
  from: string;
  to: string;
}

export const DEFAULT_RANGE: Range = { from: 'now-24h', to: 'now' };

/** Longer than anything is kept: open alerts and blocks in force do not heed the range. */
export const EVER: Range = { from: 'now-52w', to: 'now' };

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?$/;

/** Those offered; each also reads as what to try when nothing is found. */
export const PRESETS: { from: string; label: string }[] = [
  { from: 'now-15m', label: 'Last 15 min' },
  { from: 'now-1h', label: 'Last hour' },
  { from: 'now-24h', label: 'Last 24 h' },
  { from: 'now-7d', label: 'Last 7 days' },
  { from: 'now-30d', label: 'Last 30 days' },
];

/** Milliseconds, or undefined when it is no time. */
export function timeOf(text: string, nowMs: number): number | undefined {
  const [isRelative, count, unit] = RELATIVE.exec(text) ?? [];
  if (isRelative) return count ? nowMs - Number(count) * (UNIT_MS[unit as string] as number) : nowMs;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** As milliseconds; the default range for what cannot be read. */
export function spanOf(range: Range, nowMs: number): { fromMs: number; toMs: number } {
  const fromMs = timeOf(range.from, nowMs);
  const toMs = timeOf(range.to, nowMs);
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return spanOf(DEFAULT_RANGE, nowMs);
  return { fromMs, toMs };
}

/** Absolute, so that a link shows tomorrow what it shows now. */
export function absoluteRange(fromMs: number, toMs: number): Range {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The range before (-1) or after (1) of the same length. */
export function shifted(range: Range, by: -1 | 1, nowMs: number): Range {
  const { fromMs, toMs } = spanOf(range, nowMs);
  const length = toMs - fromMs;
  return absoluteRange(fromMs + by * length, toMs + by * length);
}

/** The next longer one that is offered; undefined when there is none. */
export function widened(range: Range, nowMs: number): { from: string; label: string } | undefined {
  const { fromMs } = spanOf(range, nowMs);
  return PRESETS.find(({ from }) => (timeOf(from, nowMs) as number) < fromMs - 1_000);
}

export function rangeLabel(range: Range, nowMs: number): string {
  const preset = PRESETS.find(({ from }) => from === range.from && range.to === 'now');
  if (preset) return preset.label;
  const { fromMs, toMs } = spanOf(range, nowMs);
  return `${absolute(fromMs).slice(0, 16)} to ${absolute(toMs).slice(0, 16)}`;
}
