import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { Erasures } from '../erasure/erasures.js';
import { TenantHosts } from './tenant-hosts.js';
import { type Tenant, type TenantChange, Tenants } from './tenants.js';

/** Tenants, for panels that sell hosting: every call may be repeated. */
@Controller()
export class TenantController {
  constructor(
    @Inject(Tenants) private readonly tenants: Tenants,
    @Inject(TenantHosts) private readonly hosts: TenantHosts,
    @Inject(Erasures) private readonly erasures: Erasures,
  ) {}

  @Endpoint('listTenants')
  async listTenants() {
    return { tenants: await Promise.all((await this.tenants.list()).map((tenant) => this.#view(tenant))) };
  }

  @Endpoint('listTenantNames')
  async listTenantNames() {
    const made = await this.tenants.list();
    return { names: [...new Set([...made.map(({ id }) => id), ...(await this.hosts.tenants())])].sort() };
  }

  @Endpoint('getTenant')
  async getTenant(@Asks() { params }: AskOf<'getTenant'>) {
    return this.#view(await this.#mustGet(params.id));
  }

  @Endpoint('putTenant')
  async putTenant(@Asks() { params, body, act }: AskOf<'putTenant'>) {
    const { name, hosts, state } = body;
    const change: TenantChange = {
      ...(name === undefined ? {} : { name }),
      ...(hosts === undefined ? {} : { hosts: [...new Set(hosts)] }),
      ...(state === undefined ? {} : { state }),
    };
    return this.#put(params.id, change, act);
  }

  @Endpoint('setTenantState')
  async setTenantState(@Asks() { params, body, act }: AskOf<'setTenantState'>) {
    act.about = params.id;
    await this.#mustGet(params.id);
    return this.#put(params.id, { state: body.state }, act);
  }

  @Endpoint('eraseTenant')
  async eraseTenant(@Asks() { params, act }: AskOf<'eraseTenant'>) {
    act.about = params.id;
    act.before = await this.tenants.get(params.id);
    const { remains, ...erased } = await this.erasures.erase({ kind: 'tenant', value: params.id });
    act.after = erased;
    return { erased, remains };
  }

  async #put(id: string, change: TenantChange, act: AskOf<'putTenant'>['act']) {
    act.about = id;
    const { before, after } = await this.tenants.put(id, change);
    Object.assign(act, { before, after });
    return this.#view(after);
  }

  async #mustGet(id: string): Promise<Tenant> {
    const tenant = await this.tenants.get(id);
    if (!tenant) throw consoleError('NOT_FOUND', { what: 'tenant' });
    return tenant;
  }

  async #view({ id, name, hosts, state, createdMs, changedMs }: Tenant) {
    const seen = await this.hosts.of(id);
    return {
      ...{ id, name, state },
      hosts: hosts.map((host) => ({ name: host, seen: seen.has(host) })),
      otherHosts: [...seen].filter((host) => !hosts.includes(host)).sort(),
      ...{ created: iso(createdMs), changed: iso(changedMs) },
    };
  }
}
