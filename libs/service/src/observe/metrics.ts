import { prometheusText } from '@fleetwall/core';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Observed } from './observed.js';

/** Prometheus metrics: those of the Node process, and the numbers that the pipelines keep anyway, read when scraped. */
export class Metrics {
  readonly #process = new Registry();
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
    collectDefaultMetrics({ register: this.#process });
  }

  async text(): Promise<string> {
    return prometheusText(await this.#observed.numbers()) + (await this.#process.metrics());
  }
}
