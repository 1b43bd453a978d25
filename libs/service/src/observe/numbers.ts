/** One measured number, named as Prometheus does. */
export interface Measured {
  name: string;
  help: string;
  value: number;
  labels?: Record<string, string>;
}

/** `{ linesRead: 3 }` as `fleetwall_collector_lines_read 3`. Only numbers; the rest is passed over. */
export function measuredOf(area: string, help: string, stats: object, labels?: Record<string, string>): Measured[] {
  return Object.entries(stats).flatMap(([key, value]) => {
    if (typeof value !== 'number') return [];
    const name = `fleetwall_${area}_${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return [{ name, help: `${help}: ${key}`, value, ...(labels ? { labels } : {}) }];
  });
}
