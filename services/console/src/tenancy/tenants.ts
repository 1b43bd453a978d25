import type { Clock, Registry, Versioned } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import { consoleError } from '../api/errors.js';

const COLLECTION = 'tenants';

/** A document of the registry; its id is what events have in `organization.id`. */
export interface Tenant {
  id: string;
  name: string;
  /** Hosts that are said to be its. Which are, says the credential of each collector. */
  hosts: string[];
  /** erasing: its people stay out, and what was begun is to be begun again. */
  state: 'active' | 'suspended' | 'erasing';
  createdMs: number;
  changedMs: number;
}

export type TenantChange = Partial<Pick<Tenant, 'name' | 'hosts'> & { state: Exclude<Tenant['state'], 'erasing'> }>;

/** Tenants as panels make them. One that no panel made, only credentials name, is as good as an active one. */
export class Tenants {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<Tenant[]> {
    return (await this.registry.list<Tenant>(COLLECTION)).map(({ value }) => value);
  }

  async get(id: string): Promise<Tenant | undefined> {
    return (await this.#read(id))?.value;
  }

  /** Whether its people and programs may come in. */
  async isOpen(id: string): Promise<boolean> {
    const tenant = await this.get(id);
    return tenant === undefined || tenant.state === 'active';
  }

  /**
   * Creates or changes; the same again changes nothing. Throws HOST_TAKEN, TENANT_ERASING, CHANGED_MEANWHILE.
   *
   * @param change what is absent stays; a new one has its id as its name, and no hosts
   */
  async put(id: string, change: TenantChange): Promise<{ before: Tenant | undefined; after: Tenant }> {
    const old = await this.#read(id);
    const before = old?.value;
    if (before?.state === 'erasing') throw consoleError('TENANT_ERASING', { tenant: id });
    await this.#mustBeFree(id, change.hosts ?? []);
    const nowMs = this.clock();
    const kept: Tenant = before ?? { id, name: id, hosts: [], state: 'active', createdMs: nowMs, changedMs: nowMs };
    const after = { ...kept, ...change };
    if (before && JSON.stringify(after) === JSON.stringify(before)) return { before, after: before };
    const changed = { ...after, changedMs: nowMs };
    await this.#write(changed, old?.version ?? 0);
    return { before, after: changed };
  }

  /** Its people stay out from here on. Idempotent. */
  async beginErasing(id: string): Promise<void> {
    const old = await this.#read(id);
    if (old && old.value.state !== 'erasing') await this.#write({ ...old.value, state: 'erasing' }, old.version);
  }

  /** Idempotent. */
  async forget(id: string): Promise<void> {
    await this.registry.delete(COLLECTION, id);
  }

  async #mustBeFree(id: string, hosts: readonly string[]): Promise<void> {
    for (const tenant of await this.list()) {
      const taken = tenant.id === id ? undefined : hosts.find((host) => tenant.hosts.includes(host));
      if (taken !== undefined) throw consoleError('HOST_TAKEN', { host: taken, tenant: tenant.id });
    }
  }

  #read(id: string): Promise<Versioned<Tenant> | undefined> {
    return this.registry.get<Tenant>(COLLECTION, id);
  }

  async #write(tenant: Tenant, ifVersion: number): Promise<void> {
    await this.registry.put(COLLECTION, tenant.id, tenant, ifVersion).catch((error: unknown) => {
      throw isRegistryConflict(error) ? consoleError('CHANGED_MEANWHILE') : error;
    });
  }
}
