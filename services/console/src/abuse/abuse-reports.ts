import { randomUUID } from 'node:crypto';
import {
  type Clock,
  canonicalAddress,
  type DecisionSelection,
  type EventStore,
  isOneOf,
  type Query,
  type Registry,
  type TimeRange,
} from '@fleetwall/core';
import { sourceQuery } from '@fleetwall/response';
import { isRegistryConflict } from '@fleetwall/service';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import type { Rails } from '../blocks/rails.js';
import { FAILED_ATTEMPTS } from '../overview/overview.js';
import { withinTenant } from '../tenancy/tenant-query.js';
import { abuseDraft, type Reporter } from './abuse-draft.js';

export interface AbuseReportsParts {
  store: EventStore;
  registry: Registry;
  rails: Rails;
  clock: Clock;
}

/** One that somebody made. */
interface Earlier {
  atMs: number;
  by: string;
}

const COLLECTION = 'abuse-reports';
const DAY_MS = 86_400_000;
const MOST_A_DAY = 3;
const MOST_LINES = 100;
const MOST_SERVICES = 5;

/** Whose address was not forged. */
const PROVEN: Query = { type: 'term', field: 'fleetwall.evidence', value: 'handshake' };

/** Drafts of abuse reports, for people to send: nothing is sent from here, and who answers for an address is not looked up. */
export class AbuseReports {
  constructor(private readonly parts: AbuseReportsParts) {}

  /** Throws NOT_REPORTABLE, ABUSE_REPORT_LIMIT. */
  async draft(text: string, range: TimeRange, reporter: Reporter, withHosts: boolean, caller: Caller) {
    const address = await this.#mustBeReportable(text, caller);
    const { store, clock } = this.parts;
    const query = withinTenant({ type: 'and', of: [sourceQuery(address), FAILED_ATTEMPTS, PROVEN] }, caller.tenant);
    const found = { query, range };
    const [attempts, newest, oldest, modules] = await Promise.all([
      store.count(found),
      store.search({ ...found, order: 'newest', limit: MOST_LINES }),
      store.search({ ...found, order: 'oldest', limit: 1 }),
      store.top({ ...found, field: 'event.module', limit: MOST_SERVICES }),
    ]);
    const [last] = newest.events;
    const [first] = oldest.events;
    if (!first || !last)
      throw consoleError('NOT_REPORTABLE', { address, reason: 'no failed logon in the range proves who it was' });
    const earlier = await this.#note(address, caller);
    const id = randomUUID();
    const [firstMs, lastMs] = [first['@timestamp'], last['@timestamp']];
    const services = modules.map(({ value }) => value);
    const facts = { id, address, reporter, madeMs: clock(), attempts, firstMs, lastMs, services, withHosts };
    return {
      ...{ id, address, attempts, first: iso(firstMs), last: iso(lastMs) },
      earlier: earlier.map(({ atMs, by }) => ({ at: iso(atMs), by })),
      ...abuseDraft({ ...facts, events: newest.events }),
    };
  }

  /** One address, and none that is sheltered: nobody reports their own. */
  async #mustBeReportable(text: string, { tenant }: Caller): Promise<string> {
    const address = canonicalAddress(text);
    if (address === undefined)
      throw consoleError('INPUT_INVALID', { field: 'address', reason: 'is no single address' });
    const verdict = await this.parts.rails.judge(address, 'fleet');
    if (verdict.allowed) return address;
    // Why the operator shelters an address is not a tenant's to read.
    throw consoleError('NOT_REPORTABLE', { address, reason: tenant === undefined ? verdict.reason : 'it is exempt' });
  }

  /** Forgets who reported the selection. */
  async erase({ values, tenant }: DecisionSelection): Promise<void> {
    const { registry } = this.parts;
    for (const { id } of await registry.list<Earlier[]>(COLLECTION)) {
      const [owner, address] = JSON.parse(id) as [string | null, string];
      const isOf = tenant === undefined || owner === tenant;
      if (isOf && (values === undefined || isOneOf(address, values))) await registry.delete(COLLECTION, id);
    }
  }

  /** Remembers it, for everybody of the tenant and on every console. Answers who made one within the last day. */
  async #note(address: string, { name, tenant }: Caller): Promise<Earlier[]> {
    const { registry, clock } = this.parts;
    const id = JSON.stringify([tenant ?? null, address]);
    for (;;) {
      const nowMs = clock();
      const known = await registry.get<Earlier[]>(COLLECTION, id);
      const earlier = (known?.value ?? []).filter(({ atMs }) => atMs > nowMs - DAY_MS);
      const [oldest] = earlier;
      if (oldest && earlier.length >= MOST_A_DAY) {
        const hours = Math.ceil((oldest.atMs + DAY_MS - nowMs) / 3_600_000);
        throw consoleError('ABUSE_REPORT_LIMIT', { address, most: MOST_A_DAY, hours });
      }
      try {
        await registry.put(COLLECTION, id, [...earlier, { atMs: nowMs, by: name }], known?.version ?? 0);
        return earlier;
      } catch (error) {
        if (!isRegistryConflict(error)) throw error;
      }
    }
  }
}
