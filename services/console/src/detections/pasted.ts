import { Assembler } from '@fleetwall/assembly';
import { decodeEvent, type FieldValue, type FleetEvent } from '@fleetwall/core';
import { isUnparsed, LineParser, mapWindowsRecord, parseEventXml, type Source } from '@fleetwall/sources';

/** One line, record or event of a pasted text, as the real readers read it. */
export interface PastedPiece {
  text: string;
  event?: FleetEvent;
  /** Why it gives no event. */
  unparsed?: string;
  /** Whose line it is, where the header said so. */
  program?: string;
}

export interface PasteOptions {
  zone: string;
  nowMs: number;
  custom: readonly Source[];
}

/** More than these are not looked at. */
const MOST_PIECES = 20;
const HOST = 'pasted';
const MAX_DEPTH = 5;

/**
 * Reads what somebody pasted: events in JSON (flat or nested ECS), records of Windows' event log in XML, or log lines. In their
 * order and by one parser, since a line may need those before it. Throws RangeError on an unknown zone.
 */
export function readPasted(text: string, options: PasteOptions): PastedPiece[] {
  const whole = text.trim();
  const assembler = new Assembler();
  if (/^(?:<\?xml[^>]*>\s*)?<Events?[\s>]/.test(whole)) return readRecords(whole, assembler);
  const event = eventOf(whole, options.nowMs);
  if (event) return [{ text: whole, event }];
  const { zone, nowMs, custom } = options;
  const parser = new LineParser({ zone, year: { nowMs: () => nowMs }, defaultHost: HOST, custom });
  const lines = whole.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(0, MOST_PIECES).map((line) => {
    const own = eventOf(line, nowMs);
    return own ? { text: line, event: own } : readLine(line, parser, assembler);
  });
}

function readLine(text: string, parser: LineParser, assembler: Assembler): PastedPiece {
  const read = parser.parse(text);
  return isUnparsed(read) ? { text, ...read } : { text, event: assembler.assemble(read) };
}

function readRecords(xml: string, assembler: Assembler): PastedPiece[] {
  const damage: string[] = [];
  const records = parseEventXml(xml, ({ reason }) => void damage.push(reason));
  if (records.length === 0) return [{ text: xml, unparsed: damage[0] ?? 'there is no whole record in it' }];
  return records.slice(0, MOST_PIECES).map((record) => {
    const read = mapWindowsRecord(record, { host: record.computer ?? HOST });
    return isUnparsed(read) ? { text: record.xml(), ...read } : { text: record.xml(), event: assembler.assemble(read) };
  });
}

/** Undefined for what is no event of ours: a program may log JSON as well. */
function eventOf(text: string, nowMs: number): FleetEvent | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const flat = Object.fromEntries(flattened(JSON.parse(text) as object, '', 0));
    if (!('event.category' in flat)) return undefined;
    const category = [flat['event.category']].flat();
    const filled = { '@timestamp': nowMs, 'event.original': '', 'event.action': '', 'host.name': HOST, ...flat };
    const event = decodeEvent(JSON.stringify({ ...filled, 'event.category': category }));
    return Number.isFinite(event['@timestamp']) ? event : undefined;
  } catch {
    return undefined;
  }
}

function* flattened(value: object, prefix: string, depth: number): Generator<[string, FieldValue]> {
  for (const [name, own] of Object.entries(value)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const isNested = typeof own === 'object' && own !== null && !Array.isArray(own);
    if (!isNested) yield [path, own as FieldValue];
    else if (depth < MAX_DEPTH) yield* flattened(own as object, path, depth + 1);
  }
}
