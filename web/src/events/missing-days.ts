/** ` Without what was stored of 2026-11-22: it is damaged.`, or nothing where nothing is missing. */
export function missingText(days: readonly string[]): string {
  return days.length === 0 ? '' : ` Without what was stored of ${days.join(', ')}: it is damaged and lies aside.`;
}
