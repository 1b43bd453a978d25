import type { Clock, EventStore } from '@fleetwall/core';

const KEPT_MS = 60_000;
const LOOK_BACK_MS = 30 * 86_400_000;
const MAX_HOSTS = 10_000;

/** Which hosts are a tenant's: those whose events the gateways stamped with it. A minute old at most. */
export class TenantHosts {
  readonly #known = new Map<string, { hosts: Promise<ReadonlySet<string>>; readMs: number }>();

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  of(tenant: string): Promise<ReadonlySet<string>> {
    const nowMs = this.clock();
    const known = this.#known.get(tenant);
    if (known && nowMs - known.readMs < KEPT_MS) return known.hosts;
    const hosts = this.#read(tenant, nowMs);
    this.#known.set(tenant, { hosts, readMs: nowMs });
    hosts.catch(() => this.#known.delete(tenant));
    return hosts;
  }

  async #read(tenant: string, nowMs: number): Promise<ReadonlySet<string>> {
    const query = { type: 'term', field: 'organization.id', value: tenant } as const;
    const range = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs + 1 };
    const values = await this.store.top({ query, range, field: 'host.name', limit: MAX_HOSTS });
    return new Set(values.map(({ value }) => value));
  }
}
