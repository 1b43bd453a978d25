import type { EvidenceClass, FleetEvent } from '@fleetwall/core';
import { LineParser } from '../line-parser.js';
import type { Unparsed } from '../source.js';
import { readFilebeatLine } from './filebeat.js';
import { lineOf } from './identity.js';
import type { JsonRecord } from './json-record.js';
import { readWindowsRecord } from './winlogbeat.js';

export interface BeatsReaderOptions {
  /** Whose records they are, whatever they say. */
  host: string;
  /** Zone of stamps that name none: `UTC` or an IANA name. */
  zone: string;
}

/** Streams whose parser (the hour read last) is remembered. */
const MAX_PARSERS = 256;

/** Records that Filebeat and Winlogbeat write about one host, in their order. */
export class BeatsReader {
  readonly #options: BeatsReaderOptions;
  readonly #parsers = new Map<string, LineParser>();
  /** When the present line was read, for stamps without a year: reading it again gives the same. */
  #readMs = 0;

  /** Throws RangeError on an unknown zone. */
  constructor(options: BeatsReaderOptions) {
    this.#options = options;
    this.#parserOf('', 'handshake');
  }

  /** Undefined for what neither of them writes: no time, or neither a line nor a Windows record. */
  read(record: JsonRecord): FleetEvent | Unparsed | undefined {
    const { timeMs } = record;
    if (timeMs === undefined) return undefined;
    if (record.object('winlog')) return readWindowsRecord(record, this.#options.host, timeMs);
    const line = lineOf(record);
    if (line === undefined) return undefined;
    this.#readMs = timeMs;
    return readFilebeatLine(record, line, timeMs, (stream, evidence) => this.#parserOf(stream, evidence));
  }

  #parserOf(stream: string, evidence: EvidenceClass): LineParser {
    const key = `${evidence} ${stream}`;
    const known = this.#parsers.get(key);
    if (known) return known;
    if (this.#parsers.size >= MAX_PARSERS) this.#parsers.delete(this.#parsers.keys().next().value as string);
    const { host, zone } = this.#options;
    const year = { nowMs: () => this.#readMs };
    const parser = new LineParser({ zone, year, defaultHost: host, hostFrom: 'default', evidence });
    this.#parsers.set(key, parser);
    return parser;
  }
}
