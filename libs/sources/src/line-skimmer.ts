import type { FleetEvent } from '@fleetwall/core';
import { HeaderScan } from './header/scan.js';
import { WordTable } from './header/words.js';
import { LineParser, type LineParserOptions } from './line-parser.js';
import type { Outline } from './outline.js';
import type { Source, Unparsed } from './source.js';
import { WallClock } from './time/wall-clock.js';

/** Where lines of a program go. */
interface Program {
  name: string;
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
  readonly #hosts = new WordTable<string>((name) => name);
  readonly #programs = new WordTable<Program>((name) => ({
    name,
    source: this.#parser.sourceOf(name),
    unknown: { unparsed: 'unknown-program', program: name },
  }));
  /** For lines out of their order, whose time is known. */
  readonly #later: LineParser;
  #isScanned = false;

  constructor(options: LineParserOptions) {
    const clock = new WallClock(options.zone, options.year);
    this.#parser = new LineParser(options, clock);
    this.#later = new LineParser({ ...options, year: { from: 2000 } });
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
   */
  skim(bytes: Buffer, start: number, end: number): Outline | Unparsed | undefined {
    const scan = this.#scan;
    // A log with a form of its own may hold what its peers sent, line by line: its reader knows.
    this.#isScanned = !this.#parser.hasOwnFormat && scan.read(bytes, start, end);
    if (!this.#isScanned) return undefined;
    const { messageStart } = scan;
    const claimed = this.#parser.claimedAt(bytes, messageStart);
    if (claimed !== undefined) return claimed.outline?.(bytes, messageStart, end);
    const { source, unknown } = this.#programs.at(bytes, scan.programStart, scan.programEnd);
    return source === undefined ? unknown : source.outline?.(bytes, messageStart, end);
  }

  /**
   * The event of the line skimmed last.
   *
   * @param bytes where it still stands
   * @param raw its text, without its line end
   */
  read(bytes: Buffer, raw: string): FleetEvent | Unparsed {
    if (!this.#isScanned) return this.#parser.parse(raw);
    const { start, messageStart, hostStart, hostEnd, programStart, programEnd, timeMs, pid } = this.#scan;
    return this.#parser.parseMessage({
      original: raw,
      timeMs,
      host: this.#hosts.at(bytes, hostStart, hostEnd),
      program: this.#programs.at(bytes, programStart, programEnd).name,
      pid,
      message: raw.slice(messageStart - start),
      evidence: 'handshake',
    });
  }

  /** The event of a line that had an outline when it was skimmed, at the time it had then. */
  readLater(raw: string, timeMs: number): FleetEvent | Unparsed {
    const event = this.#later.parse(raw);
    if (!('unparsed' in event)) event['@timestamp'] = timeMs;
    return event;
  }
}
