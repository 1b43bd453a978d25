import type { Clock, DecisionStore, EventStore } from '@fleetwall/core';
import type { AlertNotes } from '../alerts/alert-notes.js';
import { pagesOf } from '../api/pages.js';
import type { Accounts } from '../session/accounts.js';
import type { Tokens } from '../session/tokens.js';
import type { Tenants } from './tenants.js';

const DAY_MS = 86_400_000;
const ALERTS_AT_ONCE = 1_000;

interface Parts {
  tenants: Tenants;
  accounts: Accounts;
  tokens: Tokens;
  notes: AlertNotes;
  decisions: DecisionStore;
  store: EventStore;
  clock: Clock;
  retentionDays: number;
}

/** What was erased, and what stays until retention takes it. */
export interface Erased {
  accounts: number;
  tokens: number;
  notes: number;
  remains: { events: number; alerts: number; untilMs: number };
}

/**
 * Erases what the console keeps of a tenant: people with their sessions and tokens, tokens of the installation that are
 * bound to it, notes on its alerts, and last the tenant itself. Broken off, it is begun again and finds the rest. Events
 * and alerts are written once and dropped by whole days: those stay until then, and are told of.
 */
export class TenantErasure {
  constructor(private readonly parts: Parts) {}

  async erase(tenant: string): Promise<Erased> {
    const { tenants, accounts, tokens, notes, clock, retentionDays } = this.parts;
    await tenants.beginErasing(tenant);
    const owners = new Set((await accounts.list()).filter((each) => each.tenant === tenant).map(({ name }) => name));
    const withTokens = await tokens.deleteWhere(
      (token) => token.tenant === tenant || (token.owner !== undefined && owners.has(token.owner)),
    );
    const people = await accounts.deleteOf(tenant);
    let [noted, alerts] = [0, 0];
    for await (const id of this.#alertsOf(tenant)) {
      alerts++;
      if (await notes.erase(id)) noted++;
    }
    const events = await this.#eventsOf(tenant);
    await tenants.forget(tenant);
    const untilMs = clock() + retentionDays * DAY_MS;
    return { accounts: people, tokens: withTokens, notes: noted, remains: { events, alerts, untilMs } };
  }

  async *#alertsOf(tenant: string): AsyncGenerator<string> {
    const request = { fromMs: 0, toMs: this.parts.clock() + DAY_MS, tenant, limit: ALERTS_AT_ONCE };
    const pages = pagesOf(Infinity, (at) => this.parts.decisions.alerts({ ...request, ...at }));
    for await (const { alerts } of pages) for (const { id } of alerts) yield id;
  }

  #eventsOf(tenant: string): Promise<number> {
    const query = { type: 'term', field: 'organization.id', value: tenant } as const;
    return this.parts.store.count({ query, range: { fromMs: 0, toMs: this.parts.clock() + DAY_MS } });
  }
}
