import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Observed } from './observed.js';

/** Prometheus metrics: numbers that the pipelines keep anyway, read when scraped. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
    collectDefaultMetrics({ register: this.#registry });
  }

  async text(): Promise<string> {
    for (const { name, help, value, labels } of await this.#observed.numbers()) this.#set(name, help, value, labels);
    return this.#registry.metrics();
  }

  #set(name: string, help: string, value: number, labels: Record<string, string> = {}): void {
    let gauge = this.#gauges.get(name);
    if (!gauge) {
      gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
      this.#gauges.set(name, gauge);
    }
    gauge.set(labels, value);
  }
}
