import type { Clock, EventStore, Query } from '@fleetwall/core';
import { Kept } from '../api/kept.js';

const KEPT_MS = 60_000;
const LOOK_BACK_MS = 30 * 86_400_000;
const MAX_HOSTS = 10_000;
const MAX_TENANTS = 10_000;

/**
 * Which tenants there are, and which hosts are theirs: those whose events the gateways stamped with them within 30 days. A
 * minute old at most.
 */
export class TenantHosts {
  readonly #hosts: Kept<ReadonlySet<string>>;
  readonly #tenants: Kept<readonly string[]>;

  constructor(
    private readonly store: EventStore,
    clock: Clock,
  ) {
    this.#hosts = new Kept(clock);
    this.#tenants = new Kept(clock);
  }

  of(tenant: string): Promise<ReadonlySet<string>> {
    return this.#hosts.of(tenant, KEPT_MS, async (nowMs) => {
      const query = { type: 'term', field: 'organization.id', value: tenant } as const;
      return new Set(await this.#seen('host.name', query, MAX_HOSTS, nowMs));
    });
  }

  /** By how many events they have. */
  tenants(): Promise<readonly string[]> {
    return this.#tenants.of('all', KEPT_MS, (nowMs) =>
      this.#seen('organization.id', { type: 'all' }, MAX_TENANTS, nowMs),
    );
  }

  async #seen(field: string, query: Query, limit: number, nowMs: number): Promise<string[]> {
    const range = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs + 1 };
    const values = await this.store.top({ query, range, field, limit });
    return values.map(({ value }) => value);
  }
}
