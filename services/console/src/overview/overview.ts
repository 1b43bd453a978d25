import type { Clock, DecisionStore, Query, StoredAlert, TimeRange } from '@fleetwall/core';
import type { AlertNotes } from '../alerts/alert-notes.js';
import { LEVELS } from '../alerts/alert-routes.js';
import { alertView } from '../alerts/alerts.js';
import type { Caller } from '../api/caller.js';
import { iso } from '../api/iso.js';
import { Kept } from '../api/kept.js';
import { pagesOf } from '../api/pages.js';
import type { BlockViews } from '../blocks/block-view.js';
import type { LocalHost } from '../console-options.js';
import type { Events } from '../events/events.js';
import type { Hosts } from '../hosts/hosts.js';
import { withinTenant } from '../tenancy/tenant-query.js';

export interface OverviewParts {
  decisions: DecisionStore;
  notes: AlertNotes;
  events: Events;
  hosts: Hosts;
  views: BlockViews;
  clock: Clock;
  localHost: (() => LocalHost) | undefined;
}

const BUCKETS = 60;
const TOP = 10;
const GRAVEST = 10;
const MOST_OPEN = 1_000;
const MOST_BLOCK_PAGES = 20;
const TOO_LATE_KEPT_MS = 60_000;
const YEAR_MS = 366 * 86_400_000;

/** One try to log on that failed, counted once: the other lines of it are parts. */
export const FAILED_ATTEMPTS: Query = {
  type: 'and',
  of: [
    { type: 'term', field: 'event.outcome', value: 'failure' },
    { type: 'term', field: 'fleetwall.attempt.role', value: 'attempt' },
  ],
};

/** Are we under attack, and does the defence hold? */
export class Overview {
  readonly #counts: Kept<number>;

  constructor(private readonly parts: OverviewParts) {
    this.#counts = new Kept(parts.clock);
  }

  async of(range: TimeRange, caller: Caller) {
    const { events, hosts, localHost } = this.parts;
    const attempts = { query: withinTenant(FAILED_ATTEMPTS, caller.tenant), range };
    const [fleet, alerts, blocks, histogram, topAddresses] = await Promise.all([
      hosts.summary(caller),
      this.#openAlerts(caller),
      this.#blocksInForce(caller),
      events.histogram(attempts, BUCKETS),
      events.top(attempts, 'source.ip', TOP),
    ]);
    const local = caller.tenant === undefined ? localHost?.() : undefined;
    return {
      from: iso(range.fromMs),
      to: iso(range.toMs),
      hosts: fleet,
      alerts,
      blocks: { ...blocks, ...(local ? { droppedPackets: local.droppedPackets } : {}) },
      attempts: { bucketMs: histogram.bucketMs, buckets: histogram.buckets },
      topAddresses,
      ...(local ? { reading: { ...readingOf(local), wouldHaveBlocked: await this.#tooLate() } } : {}),
    };
  }

  /** Whatever their age: a day's range must not hide an attack of four. */
  async #openAlerts({ tenant }: Caller) {
    const { decisions, notes, clock } = this.parts;
    const of = tenant === undefined ? {} : { tenant };
    const request = { fromMs: 0, toMs: clock() + YEAR_MS, state: 'open', limit: MOST_OPEN, ...of } as const;
    const { alerts, cursor } = await decisions.alerts(request);
    const noted = await Promise.all(alerts.map(async (alert) => ({ alert, note: (await notes.of(alert.id)).value })));
    const open = noted.filter(({ note }) => note.status !== 'closed').sort((a, b) => byGravity(a.alert, b.alert));
    const gravest = open.slice(0, GRAVEST).map(({ alert, note }) => alertView(alert, note));
    return { open: open.length, isMore: cursor !== undefined, gravest };
  }

  async #blocksInForce(caller: Caller) {
    const { decisions, views, clock } = this.parts;
    const sum = { inForce: 0, held: 0 };
    const nowMs = clock();
    const request = { fromMs: nowMs, toMs: nowMs + YEAR_MS, limit: 1_000 };
    for await (const page of pagesOf(MOST_BLOCK_PAGES, (at) => decisions.blocks({ ...request, ...at }))) {
      for (const block of page.blocks) {
        if (!(await views.isVisible(block, caller))) continue;
        if (block.state === 'active') sum.inForce++;
        if (block.state === 'held') sum.held++;
      }
    }
    return sum;
  }

  #tooLate(): Promise<number> {
    return this.#counts.of('too late', TOO_LATE_KEPT_MS, async (nowMs) => {
      const { decisions } = this.parts;
      const targets = new Set<string>();
      const request = { state: 'too-late', fromMs: 0, toMs: nowMs, limit: 1_000 } as const;
      for await (const page of pagesOf(MOST_BLOCK_PAGES, (at) => decisions.blocks({ ...request, ...at })))
        for (const { target } of page.blocks) targets.add(target);
      return targets.size;
    });
  }
}

export function readingOf({ lines, events, history, watched }: LocalHost) {
  return {
    sources: watched.filter(({ readable }) => readable).length,
    unreadable: watched.filter(({ readable }) => !readable).map(({ what, why }) => ({ what, why })),
    lines,
    events,
    history,
  };
}

function byGravity(a: StoredAlert, b: StoredAlert): number {
  return LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || b.lastMs - a.lastMs;
}
