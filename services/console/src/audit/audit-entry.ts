import { iso } from '../api/iso.js';
import type { AuditRecord, NumberedRecord } from './audit-log.js';

export interface AuditFilter {
  who?: string | undefined;
  what?: string | undefined;
  about?: string | undefined;
  outcome?: 'done' | 'refused' | 'failed' | undefined;
}

/** What the response service answered to requests is part of it, whoever asked. */
export function entryOf({ number, record }: NumberedRecord) {
  if (record.type === 'act') {
    const { type: _, atMs, ...act } = record;
    return { number, at: iso(atMs), ...act };
  }
  const { request, ok, code, atMs } = record;
  const { by, type, target, comment } = request;
  const outcome = ok ? ('done' as const) : ('refused' as const);
  const known = code === undefined ? {} : { code };
  return { number, at: iso(atMs), who: by, what: type, about: target, outcome, ...known, after: { comment } };
}

/** `about` is looked for within, the others are whole. */
export function auditFilter({ who, what, about, outcome }: AuditFilter): (record: AuditRecord) => boolean {
  return (record) => {
    const entry = entryOf({ number: 0, record });
    return (
      (who === undefined || entry.who === who) &&
      (what === undefined || entry.what === what) &&
      (outcome === undefined || entry.outcome === outcome) &&
      (about === undefined || (entry.about ?? '').includes(about))
    );
  };
}
