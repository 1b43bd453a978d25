import { scopeText } from '@fleetwall/core';
import { iso } from '../api/iso.js';
import { csvRow } from '../events/csv.js';
import { safeText } from '../notifications/safe-text.js';
import type { Summary } from './summary.js';

const COLUMNS = ['kind', 'id', 'from', 'to', 'state', 'level', 'what', 'address', 'scope', 'attempts', 'hosts'];

/**
 * The summary for a spreadsheet (RFC 4180): alerts, then blocks, then the addresses with the most failed attempts. No cell is a
 * formula, and names that people typed are not in it. The last row says whether all rows are there.
 */
export function summaryCsv({ alerts, alertCount, blocks, blockCount, topAddresses, isCut, range }: Summary): string {
  const [from, to] = [iso(range.fromMs), iso(range.toMs)];
  const isComplete = !isCut && alerts.length === alertCount && blocks.length === blockCount;
  const rows = [
    COLUMNS,
    ...alerts.map(({ id, firstMs, lastMs, state, level, title, key, count, hosts }) => {
      const address = safeText(key['source.ip'] ?? '');
      return [
        'alert',
        id,
        iso(firstMs),
        iso(lastMs),
        state,
        level,
        safeText(title),
        address,
        '',
        `${count}`,
        `${hosts.length}`,
      ];
    }),
    ...blocks.map(({ id, atMs, untilMs, state, target, scope }) => [
      'block',
      id,
      iso(atMs),
      iso(untilMs),
      state,
      '',
      '',
      target,
      safeText(scopeText(scope)),
      '',
      '',
    ]),
    ...topAddresses.map(({ value, count }) => [
      'address',
      '',
      from,
      to,
      '',
      '',
      'failed attempts',
      safeText(value),
      '',
      `${count}`,
      '',
    ]),
    ['end', '', from, to, isComplete ? 'complete' : 'cut', '', '', '', '', '', ''],
  ];
  return rows.map(csvRow).join('');
}
