import type { EvidenceClass, FleetEvent } from '@fleetwall/core';
import { ascii, standsAt } from './bytes.js';
import { believed } from './cut-line.js';
import { FormatIndex } from './format-index.js';
import { readAuditRecord } from './header/audit.js';
import { readJournald } from './header/journald.js';
import { readPlainBsd, readPlainIso } from './header/plain.js';
import { readRfc5424 } from './header/rfc5424.js';
import { readHostAndTag } from './header/tag.js';
import type { FormatReader, LogFormat } from './log-format.js';
import type { TrustedProxies } from './proxy/trusted-proxies.js';
import { SOURCES } from './registry.js';
import { type LogLine, type Source, type Unparsed } from './source.js';
import { WallClock } from './time/wall-clock.js';
import type { YearRule } from './time/year.js';

export interface LineParserOptions {
  /** Zone of timestamps that name none: `UTC` or an IANA name. */
  zone: string;
  /** For timestamps without a year: the year of the stream's first line, or the present time of a live log. */
  year: YearRule;
  /** Host of lines that name none. */
  defaultHost: string;
  /** Names of the sources to use; absent means all. */
  sources?: string[];
  /** Sources beside the shipped ones: detectors that an operator wrote. They are asked after those. */
  custom?: readonly Source[];
  /** What the stream proves at best; `handshake` for files and the journal of this host. */
  evidence?: EvidenceClass;
  /** `default`: the host that a line names is the sender's word only, so `defaultHost` (its peer address) holds. */
  hostFrom?: 'line' | 'default';
  /** Proxies whose `X-Forwarded-For` is believed where a log has it; absent: none. */
  trustedProxies?: TrustedProxies;
  /** Where the lines come from: a path of a file. Of logs in a form that several programs share, it tells which one it was. */
  path?: string;
}

const NO_HEADER: Unparsed = { unparsed: 'no-header' };

function isUnknownProgram(result: FleetEvent | Unparsed): boolean {
  return 'unparsed' in result && result.unparsed === 'unknown-program';
}

/**
 * Reads the lines of one stream, in their order: the header (RFC 3164, RFC 5424, ISO 8601 as rsyslog writes it,
 * journald's JSON, audit records, `host program[pid]: …` without a time), then the program's own words; or a format that
 * has no header (see {@link LogFormat}). Never throws; linear in the length of a line.
 */
export class LineParser {
  readonly #options: LineParserOptions;
  readonly #clock: WallClock;
  readonly #evidence: EvidenceClass;
  /** The host of every line, when what a line says of it is not believed. */
  readonly #host: string | undefined;
  readonly #byProgram = new Map<string, Source>();
  readonly #byPrefix: { code: number; prefix: string; bytes: Uint8Array; source: Source }[] = [];
  readonly #formats: FormatIndex;
  /** Formats whose long lines are believed, see {@link Source.addressFirst}. */
  readonly #addressFirst = new Set<LogFormat>();
  /** Of the format that a line of this stream was recognised by. */
  #ownFormat: FormatReader | undefined;
  #isAddressFirst = false;
  /** Whether the header read last is one beyond doubt. */
  #isPlain = false;

  /** Throws RangeError on an unknown zone. */
  constructor(options: LineParserOptions, clock = new WallClock(options.zone, options.year)) {
    this.#options = options;
    this.#clock = clock;
    this.#evidence = options.evidence ?? 'handshake';
    this.#host = options.hostFrom === 'default' ? options.defaultHost : undefined;
    const { sources } = options;
    const shipped = sources === undefined ? SOURCES : SOURCES.filter(({ name }) => sources.includes(name));
    const formats: LogFormat[] = [];
    for (const known of [...shipped, ...(options.custom ?? [])]) {
      const source = known.open === undefined ? known : { ...known, parse: known.open() };
      for (const program of source.programs) this.#byProgram.set(program, source);
      for (const prefix of source.prefixes ?? [])
        this.#byPrefix.push({ code: prefix.charCodeAt(0), prefix, bytes: ascii(prefix), source });
      formats.push(...(source.formats ?? []));
      if (source.addressFirst) for (const format of source.formats ?? []) this.#addressFirst.add(format);
    }
    this.#formats = new FormatIndex(formats);
  }

  /** @param raw one line without its line end */
  parse(raw: string): FleetEvent | Unparsed {
    const own = this.#readOwn(raw);
    if (own !== undefined) return own;
    const line: LogLine = {
      original: raw,
      timeMs: Number.NaN,
      host: '',
      program: '',
      pid: undefined,
      message: '',
      evidence: 'handshake',
      trustedProxies: undefined,
    };
    if (!this.#readHeader(line, raw)) return this.#recognise(raw) ?? NO_HEADER;
    const result = this.parseMessage(line);
    // What looks like a header may be the beginning of a line that has none.
    return isUnknownProgram(result) && !this.#isPlain ? (this.#recognise(raw) ?? result) : result;
  }

  /** Whether a line of the stream was recognised as one of a log without headers: its reader is asked first from then on. */
  get hasOwnFormat(): boolean {
    return this.#ownFormat !== undefined;
  }

  /** By the first format that the line has for certain; undefined when it has none. */
  #recognise(raw: string): FleetEvent | Unparsed | undefined {
    const format = this.#formats.find(raw);
    if (format === undefined) return undefined;
    const { defaultHost: host, trustedProxies, path } = this.#options;
    this.#ownFormat = format.open({
      clock: this.#clock,
      host,
      evidence: this.#evidence,
      presentMs: () => this.#presentMs(),
      trustedProxies,
      path,
    });
    this.#isAddressFirst = this.#addressFirst.has(format);
    return this.#readOwn(raw);
  }

  #readOwn(raw: string): FleetEvent | Unparsed | undefined {
    const result = this.#ownFormat?.(raw);
    return result === undefined || this.#isAddressFirst ? result : believed(result, raw);
  }

  /** @param line as its header says */
  parseMessage(line: LogLine): FleetEvent | Unparsed {
    if (this.#host !== undefined) line.host = this.#host;
    if (this.#evidence !== 'handshake') line.evidence = this.#evidence;
    line.trustedProxies = this.#options.trustedProxies;
    const source = this.#claimOf(line.message) ?? this.sourceOf(line.program);
    if (source === undefined) return { unparsed: 'unknown-program', program: line.program };
    const result = source.parse(line);
    return source.addressFirst ? result : believed(result, line.message);
  }

  /** The source that reads the message which begins at `at`, whichever program wrote it. */
  claimedAt(bytes: Uint8Array, at: number): Source | undefined {
    const code = bytes[at];
    for (const claim of this.#byPrefix) {
      if (claim.code === code && standsAt(bytes, claim.bytes, at)) return claim.source;
    }
    return undefined;
  }

  sourceOf(program: string): Source | undefined {
    return this.#byProgram.get(program);
  }

  #claimOf(message: string): Source | undefined {
    const code = message.charCodeAt(0);
    for (const claim of this.#byPrefix) {
      if (claim.code === code && message.startsWith(claim.prefix)) return claim.source;
    }
    return undefined;
  }

  #readHeader(line: LogLine, raw: string): boolean {
    this.#isPlain = false;
    const code = raw.charCodeAt(0);
    if (code === 123) return readJournald(line, raw, this.#options.defaultHost);
    if (code === 60) return this.#readAfterPriority(line, raw);
    this.#isPlain = code <= 57 ? readPlainIso(line, raw, this.#clock) : readPlainBsd(line, raw, this.#clock);
    return this.#isPlain || this.#readTimed(line, raw, 0);
  }

  /** `<PRI>` of 0 to 191, then `1 ` and RFC 5424, or RFC 3164. */
  #readAfterPriority(line: LogLine, raw: string): boolean {
    const end = raw.indexOf('>');
    if (end < 2 || end > 4) return false;
    if (raw.startsWith('1 ', end + 1)) {
      return readRfc5424(line, raw, end + 1, this.#clock, this.#options.defaultHost, () => this.#presentMs());
    }
    return this.#readTimed(line, raw, end + 1);
  }

  #readTimed(line: LogLine, raw: string, start: number): boolean {
    const code = raw.charCodeAt(start);
    const isDigit = code >= 48 && code <= 57;
    const timeMs = isDigit ? this.#clock.readIso(raw, start) : this.#clock.readBsd(raw, start);
    if (timeMs >= 0) {
      line.timeMs = timeMs;
      return readHostAndTag(line, raw, this.#clock.end, this.#options.defaultHost);
    }
    if (readAuditRecord(line, raw, this.#options.defaultHost)) return true;
    return this.#readUntimed(line, raw, start);
  }

  /** `HOST PROGRAM[PID]: …`: takes the present time, or that of the line before. */
  #readUntimed(line: LogLine, raw: string, start: number): boolean {
    const timeMs = this.#presentMs();
    if (timeMs === undefined || !/^\S{1,255} [\w./()-]{1,64}\[\d{1,10}\]: /.test(raw.slice(start, start + 340))) {
      return false;
    }
    line.timeMs = timeMs;
    return readHostAndTag(line, raw, start, this.#options.defaultHost);
  }

  #presentMs(): number {
    const { year } = this.#options;
    return 'nowMs' in year ? year.nowMs() : (this.#clock.lastMs ?? Date.UTC(year.from, 0, 1));
  }
}
