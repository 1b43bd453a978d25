import type { FleetEvent } from '@fleetwall/core';
import { type LogFormat, lineOf } from './log-format.js';
import { numberBetween } from './scan.js';
import type { LogLine, Source, Unparsed } from './source.js';
import type { WallClock } from './time/wall-clock.js';

export interface StampedLogOptions {
  /** See {@link LogFormat.name}. */
  name: string;
  /** The program that writes it; absent: `name` is its name. */
  program?: string;
  /** Where it lies when nobody moved it: globs. */
  files?: readonly string[];
  /** See {@link LogFormat.begins}. */
  begins: string;
  /**
   * What every line begins with: the time and the program's own words, anchored; the message begins behind it. A group `pid`
   * is that of the program's process.
   */
  beginning: RegExp;
  /** Reads the time of a line that has the beginning; -1 when it is none. */
  time(clock: WallClock, raw: string, match: RegExpExecArray): number;
  parse(line: LogLine): FleetEvent | Unparsed;
  /** For lines that need what lines before them said, see {@link Source.open}. */
  open?: Source['open'];
}

/** A log that has one line for each message, with a time of its own form in front. */
export function stampedLog(options: StampedLogOptions): LogFormat {
  const { name, program = name, files, begins, beginning, time, parse, open } = options;
  return {
    name,
    files,
    begins,
    recognises: (raw) => beginning.test(raw),
    open: (stream) => {
      const read = open?.() ?? parse;
      return (raw) => {
        const match = beginning.exec(raw);
        if (match === null) return undefined;
        const timeMs = time(stream.clock, raw, match);
        if (timeMs < 0) return undefined;
        const line = lineOf(raw, stream, program, timeMs, raw.slice(match[0].length));
        const pid = match.groups?.pid;
        if (pid !== undefined) line.pid = numberBetween(pid, 0, pid.length);
        return read(line);
      };
    },
  };
}
