import { statfs } from 'node:fs/promises';
import { topicSpecs } from '@fleetwall/core';
import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { CONSOLE_OPTIONS, type ConsoleOptions } from '../console-options.js';
import { readingOf } from '../overview/overview.js';
import { AuditLog, type AuditRecord } from './audit-log.js';

/** Who did what, and how the system is. */
@Controller()
export class AuditController {
  constructor(
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(CONSOLE_OPTIONS) private readonly options: ConsoleOptions,
  ) {}

  @Endpoint('listAudit')
  async listAudit(@Asks() { query }: AskOf<'listAudit'>) {
    const { records, next } = await this.audit.page(offsetOf(query.cursor), query.limit);
    return { entries: records.map(entryView), ...(next === undefined ? {} : { cursor: String(next) }) };
  }

  @Endpoint('system')
  async system() {
    const { bus, deployment, problems, retentionDays, dataDirectory, localHost } = this.options;
    const topics = await Promise.all(
      topicSpecs(1).map(async ({ name }) => {
        const ranges = await bus.ranges(name);
        return {
          topic: name,
          partitions: ranges.length,
          records: ranges.reduce((sum, one) => sum + one.high - one.low, 0),
        };
      }),
    );
    const { bavail, blocks, bsize } = await statfs(dataDirectory);
    const disk = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    const local = localHost?.();
    return {
      deployment,
      problems: problems(),
      retentionDays,
      topics,
      disk,
      ...(local ? { reading: readingOf(local) } : {}),
    };
  }
}

function offsetOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,15}$/.test(cursor))
    throw consoleError('INPUT_INVALID', { field: 'cursor', reason: 'comes from no page before' });
  return Number(cursor);
}

/** What the response service answered to requests is part of it, whoever asked. */
function entryView(record: AuditRecord) {
  if (record.type === 'act') {
    const { type: _, atMs, tenant: __, ...act } = record;
    return { at: iso(atMs), ...act };
  }
  const { request, ok, code, atMs } = record;
  const { by, type, target, comment } = request;
  const known = code === undefined ? {} : { code };
  return {
    at: iso(atMs),
    who: by,
    what: type,
    about: target,
    outcome: ok ? ('done' as const) : ('refused' as const),
    ...known,
    after: { comment },
  };
}
