import { Readable } from 'node:stream';
import { FleetwallError } from '@fleetwall/core';
import { entryOf } from './audit-entry.js';
import { type AuditLog, type AuditRecord, type AuditSpan } from './audit-log.js';
import { cefLine } from './cef.js';

export type AuditFormat = 'ndjson' | 'cef';

type Entry = ReturnType<typeof entryOf>;

const SEVERITY = { done: 3, refused: 5, failed: 6 } as const;

/**
 * The audit log as a file, oldest first, streamed in bounded memory. Its last line says whether it is complete, as that of
 * an export of events:
 *
 *     {"fleetwall.export":"complete","entries":1204}
 *
 * and in CEF a record `export-complete` or `export-failed` with the number as `cnt`.
 */
export function auditExport(
  log: AuditLog,
  span: AuditSpan,
  isWanted: (record: AuditRecord) => boolean,
  format: AuditFormat,
): Readable {
  return Readable.from(linesOf(log, span, isWanted, format), { objectMode: false });
}

async function* linesOf(
  log: AuditLog,
  span: AuditSpan,
  isWanted: (record: AuditRecord) => boolean,
  format: AuditFormat,
): AsyncGenerator<string> {
  const lineOf = format === 'cef' ? cefOf : (entry: Entry) => `${JSON.stringify(entry)}\n`;
  let entries = 0;
  let code: string | undefined;
  try {
    for await (const one of log.scan(span)) {
      if (!isWanted(one.record)) continue;
      entries++;
      yield lineOf(entryOf(one));
    }
  } catch (error) {
    code = error instanceof FleetwallError ? error.code : 'INTERNAL';
  }
  yield endOf(format, entries, code);
}

/** Keys of the dictionary where there is one for it; what was before and after as custom strings. */
function cefOf(entry: Entry): string {
  const { at, who, what, about, outcome, number } = entry;
  const { from, tenant, code, before, after, hash, previous } = entry as Partial<Record<string, unknown>>;
  const isIpv6 = typeof from === 'string' && from.includes(':');
  return cefLine({
    id: what,
    name: `${what} ${outcome}`,
    severity: SEVERITY[outcome],
    fields: {
      rt: Date.parse(at),
      externalId: number,
      suser: who,
      ...(isIpv6 ? { c6a2: text(from), c6a2Label: 'Source IPv6 Address' } : { src: text(from) }),
      ...{ act: what, outcome, reason: text(code) },
      ...custom(1, 'about', about),
      ...custom(2, 'tenant', tenant),
      ...custom(3, 'before', before),
      ...custom(4, 'after', after),
      ...custom(5, 'hash', hash),
      ...custom(6, 'previous', previous),
    },
  });
}

function custom(at: number, label: string, value: unknown): Record<string, string | undefined> {
  return value === undefined ? {} : { [`cs${at}`]: text(value), [`cs${at}Label`]: label };
}

function text(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function endOf(format: AuditFormat, entries: number, code: string | undefined): string {
  const state = code === undefined ? 'complete' : 'failed';
  if (format === 'ndjson')
    return `${JSON.stringify({ 'fleetwall.export': state, entries, ...(code === undefined ? {} : { code }) })}\n`;
  return cefLine({
    id: `export-${state}`,
    name: `Export ${state}`,
    severity: 0,
    fields: { cnt: entries, reason: code },
  });
}
