import type { EvidenceClass, FleetEvent } from '@fleetwall/core';
import type { TrustedProxies } from './proxy/trusted-proxies.js';
import type { LogLine, Unparsed } from './source.js';
import type { WallClock } from './time/wall-clock.js';

/** What the lines of one stream are read with, in their order. */
export interface StreamContext {
  /** Zone and year of stamps that lack them; the time of the line before. */
  clock: WallClock;
  /** Host of lines that name none, or of every line where what a line says of it is not believed. */
  host: string;
  /** What the stream proves at best. */
  evidence: EvidenceClass;
  /** The time of a line that does not say its own: that of the line before, or now. */
  presentMs(): number;
  /** Proxies whose `X-Forwarded-For` is believed; absent: none. */
  trustedProxies?: TrustedProxies;
  /** A path of a file, where the lines come from one. */
  path?: string;
}

/**
 * Reads the next line of a stream; undefined when it is none of this format, so that others may look at it. It keeps what
 * lines before it said of those that follow (`#Fields:` of W3C logs). Never throws; linear in the length of the line.
 */
export type FormatReader = (raw: string) => FleetEvent | Unparsed | undefined;

/**
 * A log with a form of its own: its lines have no header of syslog or the journal. The first line of a stream that is
 * recognised opens a reader, which from then on is asked first; a line that it does not claim is read as any other.
 */
export interface LogFormat {
  /** The program that writes it. */
  name: string;
  /** Where it lies when nobody moved it: globs. */
  files?: readonly string[];
  /** The characters that its lines may begin with, `0` for any digit, `A` for any capital letter; absent: any at all. */
  begins?: string;
  /**
   * Whether the line has this form for certain, by what the program itself prints at fixed places of every line: never by
   * what a peer may have written. Cheap: it is asked of many lines that are none.
   */
  recognises(raw: string): boolean;
  open(stream: StreamContext): FormatReader;
}

/** A line of a log that has no header: the format has read its time. */
export function lineOf(raw: string, stream: StreamContext, program: string, timeMs: number, message = raw): LogLine {
  const { host, evidence, trustedProxies } = stream;
  return { original: raw, timeMs, host, program, pid: undefined, message, evidence, trustedProxies };
}
