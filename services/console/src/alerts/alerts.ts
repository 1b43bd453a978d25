import {
  type AlertsRequest,
  type Block,
  type DecisionStore,
  type EventStore,
  encodePosition,
  positionOfAlert,
  type StoredAlert,
  type Versioned,
} from '@fleetwall/core';
import { evidenceQuery, isLineOf } from '@fleetwall/response';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { fitting, pagesOf } from '../api/pages.js';
import type { BlockViews } from '../blocks/block-view.js';
import { shown } from '../events/events.js';
import { withinTenant } from '../tenancy/tenant-query.js';
import type { AlertNote, AlertNotes } from './alert-notes.js';

export interface AlertsParts {
  decisions: DecisionStore;
  store: EventStore;
  notes: AlertNotes;
  views: BlockViews;
}

const MOST_PAGES = 10;
const MOST_EVIDENCE_LINES = 1_000;
const MOST_BLOCKS = 100;
const DAY_MS = 86_400_000;
/** Evidence may have been logged by a clock that was wrong. */
const SLACK_MS = DAY_MS;
const LONGEST_BLOCK_MS = 366 * DAY_MS;

/** Alerts with what people noted on them. */
export class Alerts {
  constructor(private readonly parts: AlertsParts) {}

  /** May be short, or empty, while there is a cursor. @param status absent: any */
  async page(request: AlertsRequest, status: AlertNote['status'] | undefined, { tenant }: Caller) {
    const alerts: ReturnType<typeof alertView>[] = [];
    const stored: StoredAlert[] = [];
    const within = { ...request, ...(tenant === undefined ? {} : { tenant }) };
    const read = (at: { cursor?: string }) =>
      this.parts.decisions.alerts({ ...within, limit: request.limit - alerts.length, ...at });
    let cursor: string | undefined;
    for await (const page of pagesOf(MOST_PAGES, read, request.cursor)) {
      const notes = await Promise.all(page.alerts.map(({ id }) => this.parts.notes.of(id)));
      for (const [i, alert] of page.alerts.entries()) {
        const note = notes[i] as Versioned<AlertNote>;
        if (status !== undefined && note.value.status !== status) continue;
        alerts.push(alertView(alert, note.value));
        stored.push(alert);
      }
      cursor = page.cursor;
      if (alerts.length >= request.limit) break;
    }
    const many = fitting(alerts);
    if (many < alerts.length) cursor = encodePosition(positionOfAlert(stored[many - 1] as StoredAlert));
    return { alerts: alerts.slice(0, many), ...(cursor === undefined ? {} : { cursor }) };
  }

  /** Throws NOT_FOUND: an alert of another tenant is one that is not there. */
  async stored(id: string, { tenant }: Caller): Promise<StoredAlert> {
    const alert = await this.parts.decisions.alertById(id);
    if (!alert || (tenant !== undefined && alert.tenant !== tenant)) throw consoleError('NOT_FOUND', { what: 'alert' });
    return alert;
  }

  async inFull(id: string, caller: Caller) {
    const alert = await this.stored(id, caller);
    const [note, evidence, blocks] = await Promise.all([
      this.parts.notes.of(id),
      this.#evidenceOf(alert),
      this.#blocksOf(alert, caller),
    ]);
    const full = {
      ...alertView(alert, note.value),
      contributors: alert.contributors.map(({ value, count, firstMs, lastMs }) => ({
        value,
        count,
        first: iso(firstMs),
        last: iso(lastMs),
      })),
      evidence,
      blocks,
      thread: threadView(note.value),
    };
    return { full, version: note.version };
  }

  /** Every piece with its lines, within the alert's own tenant. */
  async #evidenceOf({ evidence, firstMs, lastMs, tenant }: StoredAlert) {
    if (evidence.length === 0) return [];
    const { events } = await this.parts.store.search({
      query: withinTenant(evidenceQuery(evidence), tenant),
      range: { fromMs: firstMs - SLACK_MS, toMs: lastMs + SLACK_MS },
      order: 'oldest',
      limit: MOST_EVIDENCE_LINES,
    });
    return evidence.map((piece) => ({
      attemptId: piece.attemptId,
      time: iso(piece.timeMs),
      host: piece.host,
      events: events.filter((event) => isLineOf(event, piece)).map(shown),
    }));
  }

  /** Blocks whose reasons name the alert: of the address in its key, or of its contributors. */
  async #blocksOf(alert: StoredAlert, caller: Caller) {
    const { decisions, views } = this.parts;
    const address = alert.key['source.ip'];
    const of = address === undefined ? {} : { address };
    const range = { fromMs: alert.firstMs, toMs: alert.lastMs + LONGEST_BLOCK_MS, ...of };
    const found: Block[] = [];
    for await (const page of pagesOf(MOST_PAGES, (at) => decisions.blocks({ ...range, limit: 1_000, ...at }))) {
      found.push(
        ...page.blocks.filter(({ reasons }) => reasons.some((one) => one.type === 'alert' && one.alertId === alert.id)),
      );
      if (found.length >= MOST_BLOCKS) break;
    }
    const areVisible = await Promise.all(found.map((block) => views.isVisible(block, caller)));
    const visible = found.filter((_, i) => areVisible[i]).slice(0, MOST_BLOCKS);
    return Promise.all(visible.map((block) => views.of(block, caller)));
  }
}

export function alertView(alert: StoredAlert, note: AlertNote) {
  const { id, version, state, rule, ruleId, title, level, tags, tenant, key, evidenceClass } = alert;
  const { knownGood, history, threshold, firstMs, lastMs, firedMs, count, hosts, contributorCount } = alert;
  return {
    ...{ id, version, state },
    ...noteView(note),
    ...{ rule, ruleId, title, level, tags, tenant, key, evidenceClass, knownGood, history, threshold },
    ...{ first: iso(firstMs), last: iso(lastMs), fired: iso(firedMs), count, hosts, contributorCount },
  };
}

export function noteView({ status, verdict, assignee, thread }: AlertNote) {
  return {
    status,
    ...(verdict === undefined ? {} : { verdict }),
    ...(assignee === undefined ? {} : { assignee }),
    comments: thread.length,
  };
}

export function threadView({ thread }: AlertNote) {
  return thread.map(({ atMs, by, text }) => ({ at: iso(atMs), by, text }));
}
