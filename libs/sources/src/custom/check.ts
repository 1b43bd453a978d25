import { encodeEvent, type FleetEvent } from '@fleetwall/core';
import { LineParser } from '../line-parser.js';
import { isUnparsed, type Source, type Unparsed } from '../source.js';
import { LinePattern } from './pattern.js';
import type { CustomSource } from './schema.js';

/** What a detector gets wrong; `path` leads to the place in its file. */
export interface CheckFault {
  path: readonly (string | number)[];
  reason: string;
  instead: string;
}

/** An address for documentation (RFC 5737) that stands for a bystander. */
const VICTIM = '192.0.2.66';
/** How much of what stands before the address an attacker would imitate. */
const CONTEXTS = [0, 1, 2, 4, 8, 16, 32];
const GENERIC = [` from ${VICTIM}`, ` ip=${VICTIM}`, ` [${VICTIM}]`, `" ${VICTIM}`, `) from ${VICTIM} port 22`];

/**
 * Runs the tests of a file, and tries what attackers try: whatever a peer may have written into a line (every group but the
 * address and the time) is replaced by text that imitates the line around the address, with somebody else's address.
 */
export function checkSource(custom: CustomSource, source: Source): CheckFault[] {
  const faults: CheckFault[] = [];
  const seen = new Set<string>();
  for (const [i, { line, expect }] of custom.tests.entries()) {
    const result = parse(source, line);
    if (!isUnparsed(result)) seen.add(result['event.action']);
    faults.push(...differences(expect, result, i), ...injections(custom, source, line, result, i));
  }
  const untested = custom.events.findIndex(({ action }) => !seen.has(action));
  if (untested >= 0) {
    const instead = 'Add a line of a real log to its tests.';
    faults.push({ path: ['events', untested], reason: 'no test gives this event', instead });
  }
  return faults;
}

function parse(source: Source, line: string): FleetEvent | Unparsed {
  const options = { zone: 'UTC', year: { from: 2026 }, defaultHost: 'test-host' };
  return new LineParser({ ...options, sources: [], custom: [source] }).parse(line);
}

function differences(
  expected: CustomSource['tests'][number]['expect'],
  result: FleetEvent | Unparsed,
  i: number,
): CheckFault[] {
  const path = ['tests', i];
  if (isUnparsed(result)) {
    if (expected === 'none') return [];
    const instead = 'Compare "contains" and "pattern" with the line; the pattern has to match all of it.';
    return [{ path, reason: `the line gives no event (${result.unparsed})`, instead }];
  }
  const event = JSON.parse(encodeEvent(result)) as Record<string, unknown>;
  if (expected === 'none') {
    return [
      {
        path,
        reason: `the line gives ${String(event['event.action'])}, and should give none`,
        instead: 'Make the pattern narrower.',
      },
    ];
  }
  return Object.entries(expected).flatMap(([field, value]) => {
    const found = [event[field]].flat();
    if (found.some((one) => one === value)) return [];
    const reason = `${field} is ${JSON.stringify(event[field]) ?? 'absent'}, and should be ${JSON.stringify(value)}`;
    return [
      { path: [...path, 'expect', field], reason, instead: 'Correct the pattern, its fields, or the expectation.' },
    ];
  });
}

function injections(
  custom: CustomSource,
  source: Source,
  line: string,
  result: FleetEvent | Unparsed,
  i: number,
): CheckFault[] {
  if (isUnparsed(result) || result['source.ip'] === undefined) return [];
  const row = custom.events.find(({ action }) => action === result['event.action']);
  const ipGroup = row?.fields['source.ip'];
  if (row === undefined || ipGroup === undefined) return [];
  const pattern = new LinePattern(row.contains, row.pattern);
  // In syslog the pattern is for the message, which is the end of the line.
  const start = pattern.spans(line) ? 0 : line.length - messageLength(line, pattern);
  const text = line.slice(start);
  const spans = pattern.spans(text) ?? [];
  const address = spans.find(({ name }) => name === ipGroup);
  if (address === undefined) return [];
  const written = spans.filter(({ name }) => name !== ipGroup && name !== custom.time?.group);
  for (const group of written) {
    for (const value of hostileValues(text, group, address)) {
      const hostile = parse(source, line.slice(0, start) + text.slice(0, group.start) + value + text.slice(group.end));
      if (isUnparsed(hostile) || hostile['source.ip'] !== VICTIM) continue;
      const reason = `whoever writes "${group.name}" can choose the address: ${JSON.stringify(value)} makes it ${VICTIM}`;
      const instead =
        'Anchor the address to what only the program prints: let the pattern end with it, or name no ".*" before it.';
      return [{ path: ['tests', i], reason, instead }];
    }
  }
  return [];
}

/** The length of the shortest end of the line that the pattern matches. */
function messageLength(line: string, pattern: LinePattern): number {
  for (let at = line.length; at > 0; at = line.lastIndexOf(': ', at - 1)) {
    const text = line.slice(at + 2);
    if (pattern.spans(text)) return text.length;
  }
  return line.length;
}

function hostileValues(
  text: string,
  group: { start: number; end: number },
  address: { start: number; end: number },
): string[] {
  const value = text.slice(group.start, group.end);
  const after = text.slice(address.end, address.end + 32);
  const imitations = CONTEXTS.map((length) => {
    return `${value}${text.slice(Math.max(0, address.start - length), address.start)}${VICTIM}${after}`;
  });
  const between =
    group.start < address.start
      ? `${value}${text.slice(group.end, address.start)}${VICTIM}${after}`
      : `${value} ${text.slice(0, address.start)}${VICTIM}${text.slice(address.end, group.start)}${value}`;
  return [...imitations, between, ...GENERIC.map((fragment) => value + fragment)];
}
