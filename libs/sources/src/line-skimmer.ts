import type { FleetEvent } from '@fleetwall/core';
import { HeaderScan } from './header/scan.js';
import { LineParser, type LineParserOptions } from './line-parser.js';
import type { Outline } from './outline.js';
import type { LogLine, Source, Unparsed } from './source.js';
import { WallClock } from './time/wall-clock.js';

/** Attackers can make up program names: beyond this many, none is remembered. */
const MAX_PROGRAMS = 1_000;

/** Where lines of a program go. */
interface Program {
  source: Source | undefined;
  /** What its lines are when no source reads it. */
  unknown: Unparsed;
}

/**
 * Reads the lines of one stream like {@link LineParser}, in their order, for who needs few of them: {@link skim} looks at
 * a line where it stands among others and makes nothing new of it when its beginning tells enough.
 */
export class LineSkimmer {
  readonly #parser: LineParser;
  readonly #scan: HeaderScan;
  readonly #programs = new Map<string, Program>();
  #isScanned = false;

  constructor(options: LineParserOptions) {
    const clock = new WallClock(options.zone, options.year);
    this.#parser = new LineParser(options, clock);
    this.#scan = new HeaderScan(clock);
  }

  /** The time of the line skimmed last, when {@link skim} answered something. */
  get timeMs(): number {
    return this.#scan.timeMs;
  }

  /**
   * What the line `[start, end)` is, as far as its beginning tells; undefined when it must be read in full.
   *
   * @param bytes the lines as they stand in the file
   * @param text the same as Latin-1, so that both have the same offsets
   */
  skim(bytes: Buffer, text: string, start: number, end: number): Outline | Unparsed | undefined {
    const scan = this.#scan;
    this.#isScanned = !this.#parser.hasOwnFormat && scan.read(bytes, text, start, end);
    if (!this.#isScanned) return undefined;
    const claimed = this.#parser.claimedAt(text, scan.messageStart);
    if (claimed !== undefined) return claimed.outline?.(text, scan.messageStart, end);
    const { source, unknown } = this.#programOf(scan.program);
    return source === undefined ? unknown : source.outline?.(text, scan.messageStart, end);
  }

  /** The event of the line skimmed last. @param raw its text, without its line end */
  read(raw: string): FleetEvent | Unparsed {
    return this.#isScanned ? this.#parser.parseMessage(this.line(raw)) : this.#parser.parse(raw);
  }

  /** The line skimmed last, which had an outline, to be read later by {@link readLine} or not at all. */
  line(raw: string): LogLine {
    const { timeMs, host, program, pid, start, messageStart } = this.#scan;
    const message = raw.slice(messageStart - start);
    return { original: raw, timeMs, host, program, pid, message, evidence: 'handshake' };
  }

  readLine(line: LogLine): FleetEvent | Unparsed {
    return this.#parser.parseMessage(line);
  }

  #programOf(name: string): Program {
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    const program = {
      source: this.#parser.sourceOf(name),
      unknown: { unparsed: 'unknown-program', program: name } as const,
    };
    if (this.#programs.size < MAX_PROGRAMS) this.#programs.set(name, program);
    return program;
  }
}
