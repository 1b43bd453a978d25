import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, EventDraft, failedLogon, logon, TYPE } from '../event-builder.js';
import { type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readAsctimeStamp, readClfStamp, readDatedStamp } from '../time/stamps.js';
import type { WallClock } from '../time/wall-clock.js';
import { type Groups, LinePattern } from './pattern.js';
import type { CustomSource, StampFormat } from './schema.js';

type EventRow = CustomSource['events'][number];

/** One kind of event of a detector, ready to read lines. */
interface Detector {
  row: EventRow;
  pattern: LinePattern;
}

/** A mistake that only shows when the patterns are read; `path` leads to it in the file. */
export class CompileFault extends Error {
  constructor(
    readonly path: readonly (string | number)[],
    message: string,
  ) {
    super(message);
  }
}

/** The source that a checked file describes. Throws CompileFault. */
export function compileSource(custom: CustomSource): Source {
  const detectors = custom.events.map((row, i) => compileEvent(custom, row, i));
  const programs = custom.program === undefined ? [] : [custom.program].flat();
  if (programs.length === 0 && custom.files === undefined) {
    throw new CompileFault([], 'it says neither "program" nor "files": which lines are to be read?');
  }
  const formats = custom.files === undefined ? [] : [formatOf(custom, custom.files, detectors)];
  // How long a line may be is for whoever wrote the pattern to say.
  return {
    name: custom.name,
    addressFirst: true,
    programs,
    formats,
    parse: (line) => {
      const found = find(detectors, line.message);
      return found === undefined ? unknownMessage(line) : eventOf(custom, found.row, found.groups, line);
    },
  };
}

/** The first kind of event whose pattern the text has. */
function find(detectors: readonly Detector[], text: string): { row: EventRow; groups: Groups } | undefined {
  for (const { row, pattern } of detectors) {
    const groups = pattern.match(text);
    if (groups !== undefined) return { row, groups };
  }
  return undefined;
}

function compileEvent(custom: CustomSource, row: EventRow, i: number): Detector {
  let pattern: LinePattern;
  try {
    pattern = new LinePattern(row.contains, row.pattern);
  } catch (error) {
    throw new CompileFault(['events', i, 'pattern'], `RE2 does not take it: ${(error as Error).message}`);
  }
  for (const [field, group] of Object.entries(row.fields)) {
    if (pattern.groups.includes(group)) continue;
    throw new CompileFault(['events', i, 'fields', field], `the pattern has no group "${group}"`);
  }
  if (row.outcome !== undefined && row.fields['source.ip'] === undefined && row.fields['user.name'] === undefined) {
    throw new CompileFault(['events', i, 'fields'], 'a logon needs source.ip or user.name');
  }
  if (custom.time && !pattern.groups.includes(custom.time.group)) {
    throw new CompileFault(['events', i, 'pattern'], `it has no group "${custom.time.group}", which holds the time`);
  }
  return { row, pattern };
}

function formatOf(custom: CustomSource, files: readonly string[], detectors: readonly Detector[]): LogFormat {
  const { name, time } = custom;
  const readLine = (raw: string, stream: StreamContext): FleetEvent | Unparsed | undefined => {
    const found = find(detectors, raw);
    if (found === undefined) return undefined;
    const { row, groups } = found;
    const timeMs = time ? stampOf(time.format, groups[time.group] ?? '', stream.clock) : stream.presentMs();
    if (time && timeMs < 0) return { unparsed: 'unknown-message', program: name };
    return eventOf(custom, row, groups, lineOf(raw, stream, name, timeMs));
  };
  return {
    name,
    files,
    recognises: (raw) => find(detectors, raw) !== undefined,
    open: (stream) => (raw) => readLine(raw, stream),
  };
}

function stampOf(format: StampFormat, text: string, clock: WallClock): number {
  switch (format) {
    case 'iso':
      return clock.readIso(text, 0);
    case 'dated':
      return readDatedStamp(clock, text, 0);
    case 'clf':
      return readClfStamp(clock, text, 0);
    case 'asctime':
      return readAsctimeStamp(clock, text, 0);
    case 'bsd':
      return clock.readBsd(text, 0);
    case 'epoch':
    case 'epoch-ms': {
      const [whole = ''] = text.split('.', 1);
      const number = numberBetween(whole, 0, whole.length, 13);
      return number < 0 ? -1 : clock.at(format === 'epoch' ? number * 1_000 : number);
    }
  }
}

function eventOf(custom: CustomSource, row: EventRow, groups: Groups, line: LogLine): FleetEvent {
  const draft = draftOf(custom.name, row);
  const { 'user.name': user, 'source.ip': ip, 'source.port': port, 'event.reason': reason, ...others } = row.fields;
  draft.userKnown = row.userKnown;
  if (user !== undefined) draft.user = groups[user];
  if (ip !== undefined && groups[ip] !== undefined) setSource(draft, groups[ip]);
  if (port !== undefined) draft.port = wholeNumber(groups[port], 65_535);
  if (reason !== undefined) draft.reason = groups[reason];
  // A line from afar proves less than the program does; a program less than the file that it writes.
  const evidence = line.evidence === 'handshake' ? custom.evidence : line.evidence;
  const event = draft.finish({ ...line, evidence });
  for (const [field, group] of Object.entries(others)) {
    const value = field === 'http.response.status_code' ? wholeNumber(groups[group], 999) : groups[group];
    if (value !== undefined) event[field] = value;
  }
  return event;
}

function draftOf(module: string, { action, outcome }: EventRow): EventDraft {
  if (outcome === 'success') return logon(module, action);
  if (outcome === undefined) return new EventDraft(module, action, CATEGORY.network, TYPE.info, undefined);
  const draft = failedLogon(module, action);
  draft.role = 'attempt';
  return draft;
}

function wholeNumber(text: string | undefined, most: number): number | undefined {
  const number = text === undefined ? -1 : numberBetween(text, 0, text.length, 5);
  return number >= 0 && number <= most ? number : undefined;
}
