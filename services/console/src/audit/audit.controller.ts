import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { Events } from '../events/events.js';
import { AuditChain } from './audit-chain.js';
import { auditFilter, entryOf } from './audit-entry.js';
import { auditExport } from './audit-export.js';
import { AuditLog, type AuditSpan } from './audit-log.js';

const TYPES = { ndjson: 'application/x-ndjson', cef: 'text/plain; charset=utf-8' } as const;

/** Who did what. */
@Controller()
export class AuditController {
  constructor(
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(AuditChain) private readonly chain: AuditChain,
    @Inject(Events) private readonly events: Events,
  ) {}

  @Endpoint('listAudit')
  async listAudit(@Asks() { query }: AskOf<'listAudit'>) {
    const { cursor, limit, ...wanted } = query;
    const { start, end } = await this.#span(wanted);
    const before = cursor === undefined ? end : Math.min(end, offsetOf(cursor));
    const { found, next } = await this.audit.page({ start, end: before }, auditFilter(wanted), limit);
    return { entries: found.map(entryOf), ...(next === undefined ? {} : { cursor: String(next) }) };
  }

  @Endpoint('checkAudit')
  async checkAudit() {
    const { checkedMs, ...state } = await this.chain.check();
    return { checked: iso(checkedMs), ...state };
  }

  @Endpoint('exportAudit')
  async exportAudit(@Asks() { query }: AskOf<'exportAudit'>) {
    const { format, ...wanted } = query;
    const stream = auditExport(this.audit, await this.#span(wanted), auditFilter(wanted), format);
    const disposition = `attachment; filename="audit.${format}"`;
    return new StreamableFile(stream, { type: TYPES[format], disposition });
  }

  /** All that is kept where no times are given. */
  #span({ from, to }: { from?: string | undefined; to?: string | undefined }): Promise<AuditSpan> {
    if (from === undefined && to === undefined) return this.audit.span();
    return this.audit.span(this.events.range({ from: from ?? '1970-01-01', to: to ?? 'now' }));
  }
}

function offsetOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor))
    throw consoleError('INPUT_INVALID', { field: 'cursor', reason: 'comes from no page before' });
  return Number(cursor);
}
