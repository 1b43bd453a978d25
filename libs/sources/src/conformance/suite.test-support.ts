import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Assembler } from '@fleetwall/assembly';
import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { LineParser } from '../line-parser.js';
import { isUnparsed } from '../source.js';
import type { YearRule } from '../time/year.js';

/**
 * What others know about logs, against what is read here. The data is not part of this repository (its licences differ from
 * ours); it is looked for in `FLEETWALL_SHARED` or in `shared` beside the checkout.
 */
const shared = process.env.FLEETWALL_SHARED ?? fileURLToPath(new URL('../../../../../shared', import.meta.url));

/** Absolute path of something under the shared data. */
export function dataPath(...parts: string[]): string {
  return join(shared, 'data', ...parts);
}

/**
 * - `missed`: an event, an address or an account that the others found and Fleetwall did not.
 * - `wrong`: another address or account than theirs, or a failure where they say there is none.
 */
type Verdict = 'missed' | 'wrong';

/** One sample that is not read as the others read it. */
export interface Difference {
  verdict: Verdict;
  /** Relative to the suite's data. */
  file: string;
  /** From 1; of an event file the number of the record. */
  line: number;
  expected: string;
  here: string;
  /** The others say that the sample tells of nothing. */
  isNegative?: boolean;
  /** It is an event of the same address here, too, by which nobody is held to account. */
  isTold?: boolean;
}

export interface SuiteResult {
  /** Samples that tell of something: a failure, an address, an account. */
  positives: number;
  /** Samples of which the others say that they tell of nothing. */
  negatives: number;
  differences: Difference[];
}

/** The samples of one project for one kind of log. */
export interface Suite {
  /** As it stands in the table: `fail2ban/logs/dovecot`. */
  name: string;
  /** What must be there for it to run: paths under the shared data. */
  needs: string[];
  run(): SuiteResult | Promise<SuiteResult>;
  /** Why a difference stands, by `file:line`; the test fails on a difference without a reason, and on a reason without one. */
  known: Readonly<Record<string, string>>;
}

export function isThere({ needs }: Suite): boolean {
  return needs.every((path) => existsSync(dataPath(path)));
}

/** What became of one line. */
export interface ReadLine {
  /** Absent when the line gave no event. */
  event: FleetEvent | undefined;
  unparsed: string;
}

export interface ReadOptions {
  zone?: string;
  year?: YearRule;
}

/** The lines of one stream through the real parser and assembler. */
export function readLines(
  lines: readonly string[],
  { zone = 'UTC', year = { from: 2026 } }: ReadOptions = {},
): ReadLine[] {
  const parser = new LineParser({ zone, year, defaultHost: 'h' });
  const assembler = new Assembler();
  return lines.map((line) => {
    const result = parser.parse(line);
    if (isUnparsed(result)) return { event: undefined, unparsed: result.unparsed };
    return { event: assembler.assemble(result), unparsed: '' };
  });
}

/** Whom an event is about, by address or by the name that the program printed. */
export function peerOf(event: FleetEvent | undefined): string | undefined {
  return event?.['source.ip'] ?? event?.['source.domain'];
}

/** Whether it names that address (or the name of a host). */
export function isAbout(event: FleetEvent | undefined, address: string | undefined): boolean {
  const peer = peerOf(event);
  return peer !== undefined && peer === (canonicalAddress(address ?? '') ?? address);
}

/** Whether somebody is held to account for it. */
export function isCounted(event: FleetEvent | undefined): boolean {
  return event?.['fleetwall.attempt.id'] !== undefined && peerOf(event) !== undefined;
}

/** Whether it tells of a failed try, whoever it was. */
export function isFailure(event: FleetEvent | undefined): boolean {
  return event?.['fleetwall.attempt.id'] !== undefined && event['event.outcome'] === 'failure';
}

/** The same reason for several lines of a file, as {@link Suite.known} has them. */
export function reasonFor(file: string, lines: readonly number[], reason: string): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [`${file}:${line}`, reason]));
}
