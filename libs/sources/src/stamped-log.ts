import type { FleetEvent } from '@fleetwall/core';
import { type LogFormat, lineOf, type StreamContext } from './log-format.js';
import type { LogLine, Unparsed } from './source.js';
import type { WallClock } from './time/wall-clock.js';

export interface StampedLogOptions {
  /** The program that writes it. */
  name: string;
  /** Where it lies when nobody moved it: globs. */
  files?: readonly string[];
  /** See {@link LogFormat.begins}. */
  begins: string;
  /** What every line begins with: the time and the program's own words, anchored; the message begins behind it. */
  beginning: RegExp;
  /** Reads the time of a line that has the beginning; -1 when it is none. */
  time(clock: WallClock, raw: string): number;
  parse(line: LogLine, stream: StreamContext): FleetEvent | Unparsed;
}

/** A log that has one line for each message, with a time of its own form in front. */
export function stampedLog({ name, files, begins, beginning, time, parse }: StampedLogOptions): LogFormat {
  return {
    name,
    files,
    begins,
    recognises: (raw) => beginning.test(raw),
    open: (stream) => (raw) => {
      const match = beginning.exec(raw);
      if (match === null) return undefined;
      const timeMs = time(stream.clock, raw);
      return timeMs < 0 ? undefined : parse(lineOf(raw, stream, name, timeMs, raw.slice(match[0].length)), stream);
    },
  };
}
