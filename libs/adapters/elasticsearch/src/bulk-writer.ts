import { setTimeout as pause } from 'node:timers/promises';
import { errors } from '@elastic/elasticsearch';
import type { Connection } from './connection.js';
import { elasticsearchError, isBusyStatus, reasonOf } from './errors.js';

export interface BulkItem {
  /** The line that says what to do: `{"create":{"_index":…,"_id":…}}`. */
  action: string;
  /** The document as one line of JSON; absent for a delete. */
  source?: string;
}

/** What became of one item: `written`, `conflict` (it is there already, or has changed meanwhile) or why never. */
export type BulkOutcome = 'written' | 'conflict' | { rejected: string };

export interface BulkWriterOptions {
  /** Of one request, bytes; 5 MB when absent. */
  maxRequestBytes?: number;
  /** How long to go on while the server is busy or away, milliseconds; 30,000 when absent. */
  retryForMs?: number;
  /** Let searches see it at once; for tests and for small indices. */
  refresh?: boolean;
}

/** What bulk requests came to, since the start. */
export interface BulkStats {
  requests: number;
  written: number;
  /** Items that were there already. */
  conflicts: number;
  /** Items that will never be taken as they are. */
  rejected: number;
  /** Items that had to be sent again, since the server was busy or away. */
  retried: number;
  /** Calls given up; whoever called tries again. */
  failures: number;
}

interface ItemResult {
  status: number;
  error?: { type: string; reason?: string; caused_by?: { type: string; reason?: string } };
}

interface Pending {
  item: BulkItem;
  at: number;
}

const MAX_ITEMS = 2_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** The document's own fault; everything else is the cluster's, and may pass. */
const DOCUMENT_FAULTS =
  /^(document_parsing_exception|mapper_parsing_exception|strict_dynamic_mapping_exception|x_content_parse_exception)$/;

/** Bulk requests of bounded size; what the server has no room for now is sent again, alone. */
export class BulkWriter {
  readonly stats: BulkStats = { requests: 0, written: 0, conflicts: 0, rejected: 0, retried: 0, failures: 0 };
  readonly #connection: Connection;
  readonly #options: BulkWriterOptions;

  constructor(connection: Connection, options: BulkWriterOptions = {}) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Durable when it resolves; outcomes in the order of the items. Fails with ELASTICSEARCH_BUSY and others. */
  async write(items: BulkItem[]): Promise<BulkOutcome[]> {
    try {
      const outcomes = await this.#write(items);
      for (const outcome of outcomes) this.#note(outcome);
      return outcomes;
    } catch (error) {
      this.stats.failures++;
      throw error;
    }
  }

  #note(outcome: BulkOutcome): void {
    if (outcome === 'written') this.stats.written++;
    else if (outcome === 'conflict') this.stats.conflicts++;
    else this.stats.rejected++;
  }

  async #write(items: BulkItem[]): Promise<BulkOutcome[]> {
    const outcomes: BulkOutcome[] = [];
    const endMs = performance.now() + (this.#options.retryForMs ?? 30_000);
    let waiting = items.map((item, at): Pending => ({ item, at }));
    let maxBytes = this.#options.maxRequestBytes ?? 5_000_000;
    let pauseMs = FIRST_PAUSE_MS;
    while (waiting.length > 0) {
      const request = waiting.slice(0, countWithin(maxBytes, waiting));
      const { again, busy, tooLarge } = await this.#send(request, outcomes);
      this.stats.requests++;
      this.stats.retried += again.length;
      waiting = [...again, ...waiting.slice(request.length)];
      if (tooLarge) maxBytes = Math.floor(bytesOf(request) / 2);
      if (!busy) {
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      const thisPauseMs = Math.max(busy.retryAfterMs, pauseMs * (0.5 + Math.random() / 2));
      if (performance.now() + thisPauseMs > endMs) throw this.#giveUp(busy);
      await pause(thisPauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    return outcomes;
  }

  async #send(request: Pending[], outcomes: BulkOutcome[]): Promise<Sent> {
    let results: ItemResult[];
    try {
      results = await this.#bulk(request.map(({ item }) => item));
    } catch (error) {
      return this.#onFailure(error, request, outcomes);
    }
    const again: Pending[] = [];
    let busy: Busy | undefined;
    for (const [i, result] of results.entries()) {
      const pending = request[i] as Pending;
      const outcome = this.#outcomeOf(result);
      if (outcome) outcomes[pending.at] = outcome;
      else {
        again.push(pending);
        busy = { reason: textOf(result), retryAfterMs: 0 };
      }
    }
    return busy ? { again, busy } : { again };
  }

  async #bulk(items: BulkItem[]): Promise<ItemResult[]> {
    this.#connection.check();
    const lines = items.flatMap(({ action, source }) => (source === undefined ? [action] : [action, source]));
    const { items: results } = await this.#connection.client.bulk(
      {
        operations: lines as unknown as object[],
        refresh: this.#options.refresh ?? false,
        filter_path: 'items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by',
      },
      { maxRetries: 0 },
    );
    return results.map((result) => Object.values(result)[0] as ItemResult);
  }

  /** Undefined when the item is to be sent again. */
  #outcomeOf(result: ItemResult): BulkOutcome | undefined {
    const { status, error } = result;
    if (!error) return 'written';
    if (status === 409) return 'conflict';
    if (isBusyStatus(status) || error.type === 'cluster_block_exception') return undefined;
    if (DOCUMENT_FAULTS.test(error.type) || /immense term/.test(error.reason ?? ''))
      return { rejected: textOf(result) };
    const code = status === 401 || status === 403 ? 'ELASTICSEARCH_DENIED' : 'ELASTICSEARCH_FAILED';
    throw elasticsearchError(code, { operation: 'write', reason: textOf(result) });
  }

  #onFailure(error: unknown, request: Pending[], outcomes: BulkOutcome[]): Sent {
    const status = error instanceof errors.ResponseError ? error.statusCode : undefined;
    if (status === 413) return this.#splitUp(request, outcomes);
    const away = error instanceof errors.ConnectionError || error instanceof errors.TimeoutError;
    if (!away && !isBusyStatus(status)) throw this.#connection.explain(error, 'write');
    return {
      again: request,
      busy: { reason: reasonOf(error), retryAfterMs: retryAfterMs(error), ...(away && { error }) },
    };
  }

  /** Something in between takes less than we thought. */
  #splitUp(request: Pending[], outcomes: BulkOutcome[]): Sent {
    const [only, ...others] = request;
    if (others.length > 0) return { again: request, tooLarge: true };
    outcomes[(only as Pending).at] = { rejected: 'it is larger than the server takes' };
    return { again: [] };
  }

  #giveUp({ reason, error }: Busy): unknown {
    if (error) return this.#connection.explain(error, 'write');
    const seconds = Math.round((this.#options.retryForMs ?? 30_000) / 1_000);
    return elasticsearchError('ELASTICSEARCH_BUSY', { operation: 'write', seconds, reason });
  }
}

interface Sent {
  again: Pending[];
  /** Why some of it is to be sent again later. */
  busy?: Busy;
  /** It is to be sent again in smaller parts. */
  tooLarge?: boolean;
}

interface Busy {
  reason: string;
  retryAfterMs: number;
  /** The server did not answer at all. */
  error?: unknown;
}

/** As many as fit into one request, at least one. */
function countWithin(maxBytes: number, waiting: Pending[]): number {
  let bytes = 0;
  let count = 0;
  for (const pending of waiting) {
    bytes += bytesOf([pending]);
    if (count > 0 && (bytes > maxBytes || count === MAX_ITEMS)) break;
    count++;
  }
  return count;
}

function bytesOf(request: Pending[]): number {
  return request.reduce((sum, { item }) => sum + Buffer.byteLength(item.action + (item.source ?? '')) + 2, 0);
}

function textOf({ status, error }: ItemResult): string {
  const cause = error?.caused_by;
  const parts = [error?.type ?? `status ${status}`, error?.reason, cause?.reason ?? cause?.type];
  return parts.filter(Boolean).join(': ').slice(0, 300);
}

/** Of the header Retry-After (RFC 9110 10.2.3), seconds or a date, at most a minute. */
function retryAfterMs(error: unknown): number {
  if (!(error instanceof errors.ResponseError)) return 0;
  const header = String(error.headers?.['retry-after'] ?? '');
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, Math.min(ms, 60_000)) : 0;
}
