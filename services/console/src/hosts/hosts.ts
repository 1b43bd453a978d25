import type { Clock, EventStore } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { isoIf } from '../api/iso.js';
import { Kept } from '../api/kept.js';
import type { EnforcementBoard, HostReport } from '../blocks/enforcement-board.js';
import { withinTenant } from '../tenancy/tenant-query.js';

const MOST_HOSTS = 10_000;
/** Of one host, and of all of them: two thousand hosts are one answer of less than a megabyte. */
const MOST_EXCEPTIONS = 20;
const MOST_EXCEPTIONS_OF_ALL = 4_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Who wrote within a time, and for how long an answer to that is good enough. */
const SEEN = [
  ['15 min', 15 * MINUTE_MS, 5_000],
  ['1 day', DAY_MS, MINUTE_MS],
  ['7 days', 7 * DAY_MS, MINUTE_MS],
] as const;
const GRAVITY = ['ineffective', 'silent', 'disarmed', 'unknown', 'armed'] as const;

type Seen = (typeof SEEN)[number][0] | 'longer';

/** Events by host. */
type Writers = Map<string, number>;

/**
 * Hosts by what they told of their blocks and what they wrote. Every page asks for them every ten seconds: what they wrote
 * is read once for all who look, and is a minute old at most.
 */
export class Hosts {
  readonly #known: Kept<Writers>;

  constructor(
    private readonly board: EnforcementBoard,
    private readonly store: EventStore,
    clock: Clock,
  ) {
    this.#known = new Kept(clock);
  }

  /** Worst first. */
  async list(caller: Caller) {
    const [recent, day, week] = await Promise.all(
      SEEN.map(([, withinMs, keptMs]) => this.#writers(withinMs, keptMs, caller)),
    );
    const reports = new Map(this.board.hosts().map((report) => [report.host, report]));
    const names = new Set([...(week?.keys() ?? []), ...(caller.tenant === undefined ? reports.keys() : [])]);
    const most = Math.max(1, Math.min(MOST_EXCEPTIONS, Math.floor(MOST_EXCEPTIONS_OF_ALL / Math.max(1, names.size))));
    const hosts = [...names].map((host) => {
      const seen: Seen = recent?.has(host)
        ? '15 min'
        : day?.has(host)
          ? '1 day'
          : week?.has(host)
            ? '7 days'
            : 'longer';
      return hostView(host, seen, week?.get(host) ?? 0, reports.get(host), most);
    });
    const rank = ({ state }: { state: (typeof GRAVITY)[number] }) => GRAVITY.indexOf(state);
    return hosts.sort((a, b) => rank(a) - rank(b) || (a.host < b.host ? -1 : 1));
  }

  async summary(caller: Caller) {
    const hosts = await this.list(caller);
    return {
      known: hosts.length,
      online: hosts.filter(({ seenWithin }) => seenWithin === '15 min').length,
      armed: hosts.filter(({ armed }) => armed === true).length,
    };
  }

  #writers(withinMs: number, keptMs: number, { tenant }: Caller): Promise<Writers> {
    const key = JSON.stringify([withinMs, tenant ?? null]);
    return this.#known.of(key, keptMs, (nowMs) => this.#read(withinMs, nowMs, tenant));
  }

  async #read(withinMs: number, nowMs: number, tenant: string | undefined): Promise<Writers> {
    const range = { fromMs: nowMs - withinMs, toMs: nowMs + 5 * MINUTE_MS };
    const query = withinTenant({ type: 'all' }, tenant);
    const values = await this.store.top({ query, range, field: 'host.name', limit: MOST_HOSTS });
    return new Map(values.map(({ value, count }) => [value, count]));
  }
}

function hostView(
  host: string,
  seenWithin: Seen,
  events: number,
  report: HostReport | undefined,
  mostExceptions: number,
) {
  const exceptions = report?.exceptions ?? [];
  return {
    host,
    state: stateOf(seenWithin, report),
    ...(report ? { armed: report.armed, firewall: report.firewall } : {}),
    ...isoIf('reported', report?.atMs),
    seenWithin,
    events,
    inForce: report?.inForce ?? 0,
    exceptionCount: exceptions.length,
    exceptions: exceptions.slice(0, mostExceptions).map(({ target, state, reason }) => ({ target, state, reason })),
  };
}

function stateOf(seen: Seen, report: HostReport | undefined): (typeof GRAVITY)[number] {
  if (report?.exceptions.some(({ state }) => state === 'ineffective')) return 'ineffective';
  if (seen === '7 days' || seen === 'longer') return 'silent';
  if (!report) return 'unknown';
  return report.armed ? 'armed' : 'disarmed';
}
