import {
  alertWithout,
  type Clock,
  canonicalTarget,
  countedAs,
  type DecisionSelection,
  type DecisionStore,
  type EventStore,
  type Query,
  type StoredAlert,
  type TimeRange,
} from '@fleetwall/core';
import type { AbuseReports } from '../abuse/abuse-reports.js';
import type { AlertNotes } from '../alerts/alert-notes.js';
import { pagesOf } from '../api/pages.js';
import type { Outbox } from '../notifications/outbox.js';
import { accountNames } from '../subjects/account-query.js';
import type { TenantErasure } from '../tenancy/tenant-erasure.js';
import { withinTenant } from '../tenancy/tenant-query.js';
import { remainsOf } from './remains.js';

export interface ErasureSubject {
  kind: 'address' | 'user' | 'tenant';
  value: string;
  /** Of an address or a user: in this tenant's data alone. */
  tenant?: string | undefined;
}

export interface ErasureParts {
  store: EventStore;
  decisions: DecisionStore;
  notes: AlertNotes;
  outbox: Outbox;
  abuse: AbuseReports;
  tenantErasure: TenantErasure;
  clock: Clock;
  /** How long the audit log is kept; a year when absent. */
  auditDays?: number | undefined;
}

interface Found {
  query: Query;
  selection: DecisionSelection;
}

/** Clocks of hosts may be ahead. */
const AHEAD_MS = 10 * 86_400_000;
const PAGE = 1_000;
const ADDRESS_FIELDS = ['source.ip', 'client.ip', 'destination.ip', 'source.nat.ip', 'related.ip'];
const ACCOUNT_FIELDS = ['user.target.name', 'user.effective.name', 'related.user'];

/** Removes what is stored about a subject. Blocks in force stay as they are; repeating it is harmless. */
export class Erasures {
  constructor(private readonly parts: ErasureParts) {}

  async preview(subject: ErasureSubject) {
    const { store } = this.parts;
    const { query, selection } = await this.#find(subject);
    const [events, alerts, blocksInForce] = await Promise.all([
      store.count({ query, range: this.#ever }),
      this.#alertsAbout(selection),
      this.#blocksInForce(subject),
    ]);
    const gone = alerts.filter((alert) => alertWithout(alert, selection) === undefined).length;
    return {
      events,
      alerts: gone,
      changedAlerts: alerts.length - gone,
      blocksInForce,
      remains: remainsOf(this.parts.auditDays, store.missingDays(this.#ever)),
    };
  }

  /** What leads to others goes last, so that one that was cut short finds the rest when it is repeated. */
  async erase(subject: ErasureSubject) {
    const { store, decisions, notes, outbox, abuse, tenantErasure } = this.parts;
    const { query, selection } = await this.#find(subject);
    const isTenant = subject.kind === 'tenant';
    const people = isTenant ? await tenantErasure.begin(subject.value) : { accounts: 0, tokens: 0 };
    await abuse.erase(selection);
    const news = await outbox.erase(selection);
    let noted = 0;
    for (const alert of await this.#alertsAbout(selection)) {
      if (alertWithout(alert, selection) === undefined && (await notes.erase(alert.id))) noted++;
    }
    const { alerts, changed, blocks } = await decisions.erase(selection);
    const events = await store.erase({ query, range: this.#ever });
    if (isTenant) await tenantErasure.end(subject.value);
    return {
      events,
      alerts: alerts.length,
      changedAlerts: changed,
      notes: noted,
      blocks,
      news,
      ...people,
      remains: remainsOf(this.parts.auditDays, store.missingDays(this.#ever)),
    };
  }

  /** Whatever the clocks of hosts said. */
  get #ever(): TimeRange {
    return { fromMs: 0, toMs: this.parts.clock() + AHEAD_MS };
  }

  async #find({ kind, value, tenant }: ErasureSubject): Promise<Found> {
    const within = tenant === undefined ? {} : { tenant };
    if (kind === 'tenant') {
      return { query: { type: 'term', field: 'organization.id', value }, selection: { tenant: value } };
    }
    if (kind === 'address') {
      const network = canonicalTarget(value);
      const of = ADDRESS_FIELDS.map((field): Query => ({ type: 'cidr', field, network: withPrefix(network) }));
      const values = network.includes('/') ? [network] : [network, countedAs(network)];
      return { query: withinTenant({ type: 'or', of }, tenant), selection: { values, ...within } };
    }
    const { query, names } = await accountNames(this.parts.store, value, this.#ever, tenant);
    const others = ACCOUNT_FIELDS.map((field): Query => ({ type: 'term', field, value }));
    return {
      query: withinTenant({ type: 'or', of: [query, ...others] }, tenant),
      selection: { values: names, ...within },
    };
  }

  /** Alerts that an erasure removes or changes. */
  async #alertsAbout(selection: DecisionSelection): Promise<StoredAlert[]> {
    const { decisions } = this.parts;
    const { values = [undefined], tenant } = selection;
    const found = new Map<string, StoredAlert>();
    for (const address of values) {
      const asked = { ...this.#ever, limit: PAGE, ...(address && { address }), ...(tenant && { tenant }) };
      for await (const page of pagesOf(Number.POSITIVE_INFINITY, (at) => decisions.alerts({ ...asked, ...at })))
        for (const alert of page.alerts) if (alertWithout(alert, selection) !== alert) found.set(alert.id, alert);
    }
    return [...found.values()];
  }

  async #blocksInForce({ kind, value }: ErasureSubject): Promise<number> {
    if (kind === 'user') return 0;
    const about = kind === 'address' ? { address: canonicalTarget(value) } : { scope: `tenant:${value}` };
    const { decisions } = this.parts;
    const asked = { ...this.#ever, ...about, state: 'active', limit: PAGE } as const;
    let count = 0;
    for await (const page of pagesOf(Number.POSITIVE_INFINITY, (at) => decisions.blocks({ ...asked, ...at })))
      count += page.blocks.length;
    return count;
  }
}

function withPrefix(target: string): string {
  if (target.includes('/')) return target;
  return target.includes(':') ? `${target}/128` : `${target}/32`;
}
