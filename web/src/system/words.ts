import type { System } from '../api/types.js';
import { countOf } from '../parts/numbers.js';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `812 MB`, `1.4 TB`: three digits at most. */
export function bytesText(bytes: number): string {
  const at = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** at;
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[at]}`;
}

/** Longer is no forecast. */
const MOST_DAYS = 3_650;

/** `~9 days left`; what is not measured is said to be unknown. */
export function diskText({ bytesPerDay, daysLeft }: System['disk']): string {
  if (bytesPerDay === undefined) return 'unknown';
  if (daysLeft === undefined || daysLeft > MOST_DAYS) return 'does not fill';
  return daysLeft === 0 ? 'less than a day left' : `~${countOf(daysLeft, 'day')} left`;
}
