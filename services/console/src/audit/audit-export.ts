import type { Readable } from 'node:stream';
import { endState, exportFile, type FileFormat, ndjsonEnd } from '../api/export-file.js';
import { entryOf } from './audit-entry.js';
import type { AuditLog, AuditRecord, AuditSpan } from './audit-log.js';
import { cefLine } from './cef.js';

export type AuditFormat = 'ndjson' | 'cef';

type Entry = ReturnType<typeof entryOf>;

const SEVERITY = { done: 3, refused: 5, failed: 6 } as const;

const FORMATS: Record<AuditFormat, FileFormat<Entry>> = {
  ndjson: {
    rowOf: (entry) => `${JSON.stringify(entry)}\n`,
    endOf: (entries, code) => ndjsonEnd({ entries }, code),
  },
  cef: { rowOf: cefOf, endOf: cefEnd },
};

/**
 * The audit log as a file, oldest first ({@link exportFile}). Its last line says whether it is complete, as that of an export
 * of events:
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
  return exportFile(entriesOf(log, span, isWanted), FORMATS[format]);
}

async function* entriesOf(
  log: AuditLog,
  span: AuditSpan,
  isWanted: (record: AuditRecord) => boolean,
): AsyncGenerator<Entry> {
  for await (const one of log.scan(span)) if (isWanted(one.record)) yield entryOf(one);
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

function cefEnd(entries: number, code: string | undefined): string {
  const state = endState(code);
  return cefLine({
    id: `export-${state}`,
    name: `Export ${state}`,
    severity: 0,
    fields: { cnt: entries, reason: code },
  });
}
