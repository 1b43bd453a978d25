import type { EvidenceClass, FleetEvent } from '@fleetwall/core';
import type { LogFormat } from './log-format.js';
import type { Outline } from './outline.js';
import type { TrustedProxies } from './proxy/trusted-proxies.js';

/** One log line after its header was read: who wrote it, when, and the program's own words. */
export interface LogLine {
  /** The whole line as it stands in the log. */
  original: string;
  /** Milliseconds since 1970 UTC. */
  timeMs: number;
  host: string;
  /** As the header names it, without path: `sshd`, `sshd-session`, `CRON`. */
  program: string;
  pid: number | undefined;
  message: string;
  evidence: EvidenceClass;
  /** Proxies whose word about their client is believed; absent: none. */
  trustedProxies?: TrustedProxies;
}

/**
 * Why a line gives no event. `no-header`: the start is no known log format; `unknown-program`: no source reads this
 * program; `unknown-message`: the program is known, the message is not; `not-relevant`: known, and nothing to tell.
 */
export interface Unparsed {
  unparsed: 'no-header' | 'unknown-program' | 'unknown-message' | 'not-relevant';
  program?: string;
}

/**
 * One kind of log, as it comes through syslog or the journal, and in forms of its own. `parse` is pure, never throws, and is linear in the length of the line.
 */
export interface Source {
  name: string;
  /** Programs whose lines it reads, as {@link LogLine.program}; none for what never comes through syslog. */
  programs: readonly string[];
  /** Its own logs, whose lines have no header of syslog. */
  formats?: readonly LogFormat[];
  /** Messages it reads by their beginning, whichever program wrote them: PAM modules write under their caller's name. */
  prefixes?: readonly string[];
  /**
   * Whether all that peers write comes behind the address: then a line that lost its end still tells the right one, or none.
   * Of others, long lines give no address.
   */
  addressFirst?: true;
  parse(line: LogLine): FleetEvent | Unparsed;
  /**
   * For a program whose lines need what lines before them said, as an address that only a connection's first line names:
   * a `parse` with a memory of its own, small and bounded, for the lines of one stream in their order.
   */
  open?(): Source['parse'];
  /** What the event of the message `bytes[start..end)` is, where its beginning tells; undefined: `parse` tells. */
  outline?(bytes: Uint8Array, start: number, end: number): Outline | undefined;
}

/**
 * `parse` and `open` of a program whose lines need what lines before them said: one function for both, with a memory of the
 * stream or, where lines are read one by one, without.
 */
export function withMemory<Memory>(
  newMemory: () => Memory,
  parse: (line: LogLine, memory: Memory | undefined) => FleetEvent | Unparsed,
): Required<Pick<Source, 'parse' | 'open'>> {
  return {
    parse: (line) => parse(line, undefined),
    open: () => {
      const memory = newMemory();
      return (line) => parse(line, memory);
    },
  };
}

export function isUnparsed(result: FleetEvent | Unparsed): result is Unparsed {
  return 'unparsed' in result;
}

/** The program is known, the message is not: counted by program, so that a new message shows. */
export function unknownMessage(line: LogLine): Unparsed {
  return { unparsed: 'unknown-message', program: line.program };
}

/** Known, and nothing to tell about anybody's logon. */
export function notRelevant(line: LogLine): Unparsed {
  return { unparsed: 'not-relevant', program: line.program };
}
