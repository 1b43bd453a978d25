import { isIP } from 'node:net';
import { canonicalAddress } from '@fleetwall/core';
import { reasonToReject as refusedByElasticsearch } from '../../libs/adapters/elasticsearch/dist/event-store/admit.js';
import { reasonToReject as refusedByEmbedded } from '../../libs/adapters/embedded/dist/event-store/admit.js';

const NOW_MS = Date.UTC(2026, 10, 22);
const REASONS = ['no-header', 'unknown-program', 'unknown-message', 'not-relevant'];
const WORDS = {
  'event.kind': ['event'],
  'event.outcome': [undefined, 'success', 'failure', 'unknown'],
  'fleetwall.evidence': ['handshake', 'spoofable', 'unauthenticated'],
  'fleetwall.attempt.role': [undefined, 'attempt', 'part', 'summary'],
};
const TEXTS = ['event.original', 'event.module', 'event.action', 'host.name', 'process.name'];
const LISTS = ['event.category', 'event.type'];

/**
 * What is wrong with what a line gave; undefined when nothing is.
 * @param lines the stream up to the line: an address may stand in a line before it
 */
export function wrongResult(result, lines) {
  if (typeof result !== 'object' || result === null) return `it is no result: ${result}`;
  if ('unparsed' in result) return REASONS.includes(result.unparsed) ? undefined : `no reason: ${result.unparsed}`;
  return wrongShape(result) ?? wrongAddress(result['source.ip'], lines);
}

function wrongShape(event) {
  for (const [field, words] of Object.entries(WORDS)) {
    if (!words.includes(event[field])) return `${field} is ${event[field]}`;
  }
  for (const field of TEXTS) if (typeof event[field] !== 'string') return `${field} is ${event[field]}`;
  for (const field of LISTS) if (!Array.isArray(event[field])) return `${field} is ${event[field]}`;
  for (const [field, value] of Object.entries(event))
    if (value === undefined || value === null) return `${field} is ${value}`;
  if (!Number.isInteger(event['@timestamp'])) return `@timestamp is ${event['@timestamp']}`;
  const port = event['source.port'];
  if (port !== undefined && !(port >= 0 && port <= 99_999)) return `source.port is ${port}`;
  const count = event['fleetwall.attempt.count'];
  if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) return `fleetwall.attempt.count is ${count}`;
  // A time that no store takes is the line's own, and is refused by name.
  const stored = { ...event, '@timestamp': NOW_MS, 'event.id': 'x' };
  return refusedByElasticsearch(stored, NOW_MS, 30) ?? refusedByEmbedded(stored, NOW_MS);
}

function wrongAddress(address, lines) {
  if (address === undefined) return undefined;
  if (isIP(address) === 0 || canonicalAddress(address) !== address)
    return `source.ip is no canonical address: ${address}`;
  return lines.some((line) => holds(line, address)) ? undefined : `source.ip ${address} is not in the line`;
}

/** Whether the line has the address in any form, also escaped as JSON has it or as journald's list of bytes. */
function holds(line, address) {
  if (line.includes(address)) return true;
  const plain = line
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\[[\d, ]+\]/g, (list) => String.fromCharCode(...list.slice(1, -1).split(',').map(Number).slice(0, 1e4)));
  if (plain.includes(address)) return true;
  for (const [word] of plain.matchAll(/[0-9a-fA-F:.]{3,}/g)) {
    const forms = [word, word.replace(/[:.]+$/, ''), word.replace(/^[:.]+(?!:)/, ''), word.replace(/[.:]\d+$/, '')];
    if (forms.some((form) => canonicalAddress(form) === address)) return true;
  }
  return false;
}
