import type { Block, DecisionStore, EventStore, StoredAlert, TimeRange } from '@fleetwall/core';
import { LEVELS } from '../alerts/alert-routes.js';
import type { Caller } from '../api/caller.js';
import { pagesOf } from '../api/pages.js';
import type { BlockViews } from '../blocks/block-view.js';
import { FAILED_ATTEMPTS } from '../overview/overview.js';
import { withinTenant } from '../tenancy/tenant-query.js';

export interface SummaryParts {
  store: EventStore;
  decisions: DecisionStore;
  views: Pick<BlockViews, 'isVisible'>;
}

/** What the API answers for the range and the tenant: the same stores, asked in the same way. */
export interface Summary {
  range: TimeRange;
  /** Failed attempts to log on. */
  attempts: number;
  topAddresses: { value: string; count: number }[];
  /** Alerts that went on within the range. */
  alertCount: number;
  alertsByLevel: { level: StoredAlert['level']; count: number }[];
  /** The newest of them, at most {@link MOST_ROWS}. */
  alerts: StoredAlert[];
  /** Blocks that held, or were to hold, within the range. */
  blockCount: number;
  /** Those of them that began in it. */
  newBlocks: number;
  blocks: Block[];
  /** Not all could be counted: there are at least as many. */
  isCut: boolean;
}

/** Rows of each kind in a file. */
const MOST_ROWS = 5_000;
const TOP = 10;
const PAGE = 1_000;
const MOST_PAGES = 200;

/** Counts what happened in a range. */
export class Summaries {
  constructor(private readonly parts: SummaryParts) {}

  async of(range: TimeRange, tenant: string | undefined): Promise<Summary> {
    const { store } = this.parts;
    const failed = { query: withinTenant(FAILED_ATTEMPTS, tenant), range };
    const [attempts, topAddresses, alerts, blocks] = await Promise.all([
      store.count(failed),
      store.top({ ...failed, field: 'source.ip', limit: TOP }),
      this.#alerts(range, tenant),
      this.#blocks(range, tenant),
    ]);
    const isCut = alerts.isCut || blocks.isCut;
    return { range, attempts, topAddresses, ...alerts.found, ...blocks.found, isCut };
  }

  async #alerts(range: TimeRange, tenant: string | undefined) {
    const { decisions } = this.parts;
    const request = { ...range, limit: PAGE, ...(tenant === undefined ? {} : { tenant }) };
    const counts = new Map<StoredAlert['level'], number>();
    const alerts: StoredAlert[] = [];
    let cursor: string | undefined;
    for await (const page of pagesOf(MOST_PAGES, (at) => decisions.alerts({ ...request, ...at }))) {
      for (const alert of page.alerts) {
        counts.set(alert.level, (counts.get(alert.level) ?? 0) + 1);
        if (alerts.length < MOST_ROWS) alerts.push(alert);
      }
      cursor = page.cursor;
    }
    const alertsByLevel = [...LEVELS].reverse().flatMap((level) => {
      const count = counts.get(level);
      return count === undefined ? [] : [{ level, count }];
    });
    const alertCount = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return { found: { alerts, alertCount, alertsByLevel }, isCut: cursor !== undefined };
  }

  async #blocks(range: TimeRange, tenant: string | undefined) {
    const { decisions, views } = this.parts;
    const caller: Caller = { name: 'fleetwall', untilMs: 0, ...(tenant === undefined ? {} : { tenant }) };
    const found = { blocks: [] as Block[], blockCount: 0, newBlocks: 0 };
    let cursor: string | undefined;
    for await (const page of pagesOf(MOST_PAGES, (at) => decisions.blocks({ ...range, limit: PAGE, ...at }))) {
      for (const block of page.blocks) {
        if (!(await views.isVisible(block, caller))) continue;
        found.blockCount++;
        if (block.atMs >= range.fromMs) found.newBlocks++;
        if (found.blocks.length < MOST_ROWS) found.blocks.push(block);
      }
      cursor = page.cursor;
    }
    return { found, isCut: cursor !== undefined };
  }
}
