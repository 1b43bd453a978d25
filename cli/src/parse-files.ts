import { createReadStream, statSync } from 'node:fs';
import { Assembler } from '@fleetwall/assembly';
import { encodeEvent, type FleetEvent } from '@fleetwall/core';
import {
  cutShort,
  isUnparsed,
  LineParser,
  SOURCES,
  type Source,
  type Unparsed,
  type YearRule,
} from '@fleetwall/sources';
import { cliError } from './errors.js';
import { readLines, type StreamLine } from './line-stream.js';
import { checkLogPaths, unfit, unreadable } from './log-paths.js';
import { type Output, safeJson } from './output.js';
import { kindOf } from './replay/file-kind.js';
import { utf8FromUtf16 } from './replay/log-file.js';
import { eventOfRecord, WindowsFile } from './replay/windows-file.js';
import { readYear, readZone } from './time-options.js';
import { readNamedProxies } from './trusted-proxies.js';

export interface ParseOptions {
  source?: string;
  fromYear?: string;
  zone: string;
  /** Directory of the operator's own sources. */
  sources?: string;
  /** Networks and names of lists. */
  trustedProxy?: string[];
}

const STDIN = '-';
const PIECE_BYTES = 256 * 1024;
const RECORDS_AT_ONCE = 256;

/** Prints one line of JSON for each line of the files, in their order. Holds one piece of a file at a time. */
export async function parseFiles(paths: readonly string[], options: ParseOptions, output: Output): Promise<void> {
  const [zone, fromYear] = [readZone(options.zone), readYear(options.fromYear)];
  const own = await ownSources(options.sources);
  const sources = sourcesOf(options.source, own);
  const proxies = await readNamedProxies(options.trustedProxy);
  const custom = own.filter(({ name }) => sources === undefined || sources.includes(name));
  const isFile = (path: string) => path !== STDIN;
  checkLogPaths(paths.filter(isFile), { pipes: true });
  const assembler = new Assembler();
  for (const path of paths) {
    const kind = isFile(path) && statSync(path).isFile() ? kindOf(path) : 'text';
    if (typeof kind !== 'string') throw unfit(path, kind.reason, kind.instead);
    if (kind === 'evtx' || kind === 'xml') {
      await parseRecords(new WindowsFile(path, kind), assembler, output);
      continue;
    }
    const nowMs = isFile(path) ? statSync(path).mtimeMs : Date.now();
    const year: YearRule = fromYear === undefined ? { nowMs: () => nowMs } : { from: fromYear };
    const parser = new LineParser({ zone, year, defaultHost: 'localhost', sources, custom, ...proxies });
    const file = isFile(path) ? createReadStream(path, { highWaterMark: PIECE_BYTES }) : process.stdin;
    const input = kind === 'utf16' ? utf8FromUtf16(file) : file;
    try {
      for await (const lines of readLines(input as AsyncIterable<Buffer>))
        await output.write(lines.map((line) => jsonOf(line, parser, assembler)).join(''));
    } catch (error) {
      throw unreadable(path, (error as NodeJS.ErrnoException).code ?? '', error);
    }
  }
}

/** Of Windows' event log, a line of JSON for each record. */
async function parseRecords(file: WindowsFile, assembler: Assembler, output: Output): Promise<void> {
  let lines: string[] = [];
  for await (const { record } of file.records()) {
    const read = eventOfRecord(record);
    lines.push(isUnparsed(read) ? unparsedJson(record.xml(), read) : eventJson(assembler.assemble(read)));
    if (lines.length < RECORDS_AT_ONCE) continue;
    await output.write(lines.join(''));
    lines = [];
  }
  await output.write(lines.join(''));
}

function jsonOf({ text, truncated }: StreamLine, parser: LineParser, assembler: Assembler): string {
  const parsed = parser.parse(text);
  if (isUnparsed(parsed)) return unparsedJson(text, parsed);
  return eventJson(assembler.assemble(truncated ? cutShort(parsed) : parsed));
}

function unparsedJson(text: string, { unparsed, program }: Unparsed): string {
  const why = program === undefined ? unparsed : `${unparsed}: ${program}`;
  return `${safeJson(JSON.stringify({ 'event.original': text, 'fleetwall.unparsed': why }))}\n`;
}

function eventJson(event: FleetEvent): string {
  return `${safeJson(encodeEvent(event))}\n`;
}

async function ownSources(directory: string | undefined): Promise<Source[]> {
  if (directory === undefined) return [];
  const { readCustomSources } = await import('@fleetwall/config');
  return readCustomSources(directory);
}

function sourcesOf(name: string | undefined, own: readonly Source[]): string[] | undefined {
  if (name === undefined) return undefined;
  const known = [...SOURCES, ...own];
  if (known.some((source) => source.name === name)) return [name];
  const expected = `one of ${known.map((source) => source.name).join(', ')}`;
  const instead = 'Leave it out to read with all of them.';
  throw cliError('OPTION_INVALID', { option: '--source', value: name, expected, instead });
}
