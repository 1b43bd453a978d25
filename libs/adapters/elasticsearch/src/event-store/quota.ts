import type { FleetEvent } from '@fleetwall/core';
import type { Connection } from '../connection.js';
import { BYTES_FIELD } from './fields.js';
import { dayOf, eventIndices } from './layout.js';
import { ALL_DAYS } from './search.js';

export interface QuotaOptions {
  /** Bytes of events (JSON, UTF-8) that each tenant may have stored of one event day. */
  bytesPerTenantPerDay: number;
  /** Other limits, by `organization.id`. */
  overrides?: Record<string, number>;
  /** How old the sums of what is stored may be, milliseconds; 30,000 when absent. */
  refreshMs?: number;
}

interface Day {
  askedMs: number;
  bytes: Map<string, number>;
}

const NO_TENANT = 'default';
const MAX_TENANTS = 65_000;
const MAX_DAYS = 1_000;

/**
 * What every tenant has stored of each event day: the sum the server tells, and on top what this process has stored
 * since. Several indexers may together exceed a limit by what they store between two questions.
 */
export class TenantQuota {
  readonly #connection: Connection;
  readonly #options: QuotaOptions;
  readonly #days = new Map<string, Day>();

  constructor(connection: Connection, options: QuotaOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** To be called before `take`: learns the sums of the days of these events, unless they are known well enough. */
  async prepare(events: readonly FleetEvent[]): Promise<void> {
    const nowMs = performance.now();
    const refreshMs = this.#options.refreshMs ?? 30_000;
    for (const day of new Set(events.map((event) => dayOf(event['@timestamp'])))) {
      const known = this.#days.get(day);
      if (known && nowMs - known.askedMs < refreshMs) continue;
      const stored = await this.#storedBytes(day);
      // Searches may not see yet what this process has stored a moment ago, also while it was asking.
      for (const [tenant, bytes] of this.#days.get(day)?.bytes ?? [])
        stored.set(tenant, Math.max(bytes, stored.get(tenant) ?? 0));
      this.#days.delete(day);
      this.#days.set(day, { askedMs: nowMs, bytes: stored });
    }
    for (const day of this.#days.keys()) {
      if (this.#days.size <= MAX_DAYS) break;
      this.#days.delete(day);
    }
  }

  /** Counts the bytes; answers why the event may not be stored, and then counts nothing. */
  take(event: FleetEvent, bytes: number): string | undefined {
    const tenant = tenantOf(event);
    const day = dayOf(event['@timestamp']);
    const used = this.#days.get(day)?.bytes.get(tenant) ?? 0;
    const { bytesPerTenantPerDay, overrides } = this.#options;
    const limit =
      (overrides && Object.hasOwn(overrides, tenant) ? overrides[tenant] : undefined) ?? bytesPerTenantPerDay;
    if (used + bytes > limit) return `QUOTA: tenant ${tenant} has used its ${limit} bytes of ${day}`;
    this.#days.get(day)?.bytes.set(tenant, used + bytes);
    return undefined;
  }

  /** Takes back what was counted and not stored: a duplicate, or a rejected event. */
  giveBack(event: FleetEvent, bytes: number): void {
    const day = this.#days.get(dayOf(event['@timestamp']));
    const tenant = tenantOf(event);
    day?.bytes.set(tenant, Math.max(0, (day.bytes.get(tenant) ?? 0) - bytes));
  }

  async #storedBytes(day: string): Promise<Map<string, number>> {
    const suffix = day.replaceAll('-', '.');
    const { aggregations } = await this.#connection.run('sum what tenants have stored', (client) =>
      client.search({
        index: eventIndices(this.#connection.prefix).map((pattern) => pattern.replace('*', suffix)),
        ...ALL_DAYS,
        size: 0,
        track_total_hits: false,
        aggs: {
          tenants: {
            terms: { field: 'organization.id', missing: NO_TENANT, size: MAX_TENANTS },
            aggs: { bytes: { sum: { field: BYTES_FIELD } } },
          },
        },
      }),
    );
    const tenants = aggregations?.['tenants'] as { buckets?: { key: string; bytes: { value: number } }[] } | undefined;
    return new Map(tenants?.buckets?.map(({ key, bytes }) => [key, bytes.value]));
  }
}

function tenantOf(event: FleetEvent): string {
  return String(event['organization.id'] ?? NO_TENANT);
}
