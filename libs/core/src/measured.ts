/** One measured number, named as Prometheus does. */
export interface Measured {
  name: string;
  help: string;
  value: number;
  /** `counter`: only grows until the process ends; `gauge`, when absent: goes up and down. */
  type?: 'counter' | 'gauge';
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

/** As {@link measuredOf}, where everything only grows but for the numbers named. */
export function countedOf<T extends object>(
  area: string,
  help: string,
  stats: T,
  gauges: readonly Extract<keyof T, string>[],
  labels?: Record<string, string>,
): Measured[] {
  return Object.entries(stats).flatMap(([key, value]) => {
    const numbers = measuredOf(area, help, { [key]: value }, labels);
    if ((gauges as readonly string[]).includes(key)) return numbers;
    return numbers.map((number): Measured => ({ ...number, type: 'counter' }));
  });
}

/** Sums numbers by key, for parts that are told of as one. */
export function sumOf(parts: readonly object[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'number') sums[key] = (sums[key] ?? 0) + value;
    }
  }
  return sums;
}

/**
 * The text format of Prometheus, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). The numbers are kept by the pipelines
 * and read when asked for.
 */
export function prometheusText(numbers: readonly Measured[]): string {
  const byName = new Map<string, Measured[]>();
  for (const number of numbers) byName.set(number.name, [...(byName.get(number.name) ?? []), number]);
  return [...byName].map(([name, series]) => metric(name, series)).join('');
}

function metric(name: string, series: readonly Measured[]): string {
  const help = (series[0]?.help ?? '').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const samples = series.map(({ value, labels }) => `${name}${labelsText(labels)} ${numberText(value)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${series[0]?.type ?? 'gauge'}\n${samples.join('')}`;
}

function labelsText(labels: Record<string, string> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
