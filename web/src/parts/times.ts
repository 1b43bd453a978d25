const DAY_MS = 86_400_000;
const UNITS: [name: string, ms: number][] = [
  ['d', DAY_MS],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

const two = (value: number) => String(value).padStart(2, '0');

/** Two units at most: `3 d 4 h`, `41 s`; under a second `820 ms`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const at = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  const [name, unitMs] = UNITS[at] as [string, number];
  const whole = Math.floor(ms / unitMs);
  const [smallerName, smallerMs] = UNITS[at + 1] ?? ['', 0];
  const rest = smallerMs === 0 ? 0 : Math.floor((ms - whole * unitMs) / smallerMs);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${smallerName}`;
}

/** Local, `2026-11-22 14:02:11`. */
export function absolute(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local, with milliseconds: `2026-11-22 14:02:11.482`. */
export function toTheMs(ms: number): string {
  return `${absolute(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`;
}

/** On an axis: `14:00`, at midnight the day, `22 Nov`. */
export function tickOf(ms: number): string {
  const date = new Date(ms);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.getSeconds() > 0) return `${time}:${two(date.getSeconds())}`;
  return time === '00:00' ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }) : time;
}

/** Under a day `3 min ago` or `in 58 min`; else absolute. */
export function relative(ms: number, nowMs: number): string {
  const distance = Math.abs(nowMs - ms);
  if (distance >= DAY_MS) return absolute(ms).slice(0, 16);
  if (distance < 1_000) return 'now';
  const [first, unit] = duration(distance).split(' ');
  return ms > nowMs ? `in ${duration(distance)}` : `${first} ${unit} ago`;
}

/** The zone of the browser as people say it: `CET`, `UTC`. */
export function zoneName(): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts();
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'local time';
}
