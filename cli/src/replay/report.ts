import { countedAs, printable } from '@fleetwall/core';
import { isoText } from '../iso-text.js';
import type { ReportedAlert } from './alert-ledger.js';
import type { PlacedBlock, ReportedBlock } from './block-ledger.js';
import type { ReadFile, ReplayResult } from './engine.js';
import type { SkippedFile } from './open-files.js';
import type { ReplayFile } from './replay-file.js';

/** The report of a replay as one JSON object: the final state, withdrawals apart; times ISO 8601 UTC. */
export interface ReplayReport {
  lines: number;
  events: number;
  failures: number;
  alerts: ReportedAlert[];
  blocks: ReportedBlock[];
  withdrawn: ReportedAlert[];
  prevented: number;
  forgiven: { address: string; accounts: string[] }[];
  unparsed: Record<string, number>;
  late: number;
  first?: string;
  last?: string;
  files: ReadFile[];
  /** Files below a named directory that were not read, and why. */
  skipped: readonly SkippedFile[];
  cpuSeconds: number;
  maxRssBytes: number;
}

/** Blocks whose lines are looked up together. */
const BATCH = 512;

export async function reportOf(result: ReplayResult, files: readonly ReplayFile[]): Promise<ReplayReport> {
  const blocks: ReportedBlock[] = [];
  for await (const batch of blocksOf(result, files)) blocks.push(...batch);
  const lists = { alerts: [...result.alerts()], blocks, withdrawn: [...result.withdrawn()] };
  return { ...headOf(result), ...lists, ...tailOf(result) };
}

/** The same as JSON, piece by piece: it may be as long as the log. */
export async function* jsonReport(result: ReplayResult, files: readonly ReplayFile[]): AsyncGenerator<string> {
  yield `${JSON.stringify(headOf(result)).slice(0, -1)},"alerts":[`;
  yield* listed(result.alerts());
  yield '],"blocks":[';
  let separator = '';
  for await (const batch of blocksOf(result, files)) {
    if (batch.length === 0) continue;
    yield separator + JSON.stringify(batch).slice(1, -1);
    separator = ',';
  }
  yield '],"withdrawn":[';
  yield* listed(result.withdrawn());
  yield `],${JSON.stringify(tailOf(result)).slice(1)}`;
}

/** The report for a person at a terminal. Everything an attacker wrote is shown escaped. */
export async function* humanReport(
  result: ReplayResult,
  files: readonly ReplayFile[],
  most = 20,
): AsyncGenerator<string> {
  const { lines, events, failures, late } = result;
  const { first, last, prevented, forgiven, unparsed, cpuSeconds, maxRssBytes } = tailOf(result);
  yield `${lines} lines, ${events} events, ${failures} failed logons, ${first ? `${first} to ${last}` : 'no events'}`;
  yield '';
  yield* humanBlocks([...result.blocks()], prevented, files, most);
  yield '';
  const counts = new Map<string, number>();
  let [alerts, notices, withdrawn] = [0, 0, 0];
  for (const { rule, knownGood } of result.alerts()) {
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    alerts++;
    if (knownGood) notices++;
  }
  for (const _ of result.withdrawn()) withdrawn++;
  const byRule = counts.size === 0 ? '' : ` (${[...counts].map(([rule, count]) => `${rule} ${count}`).join(', ')})`;
  yield `Alerts: ${alerts}${byRule}; withdrawn: ${withdrawn}`;
  yield `Forgiven after a success: ${forgiven.length} addresses`;
  if (notices > 0) yield `Known users failing again and again (told, not blocked): ${notices}`;
  const unread = Object.entries(unparsed).sort((a, b) => b[1] - a[1]);
  if (unread.length > 0) {
    const shown = unread.slice(0, 5).map(([kind, count]) => `${printable(kind, 60)} ${count}`);
    yield `Lines without an event: ${shown.join(', ')}${unread.length > 5 ? ' …' : ''}`;
  }
  if (late > 0) yield `Out of order by more than an hour: ${late} lines`;
  yield* humanFiles(result);
  yield `${cpuSeconds.toFixed(2)} CPU seconds, ${Math.round(maxRssBytes / 2 ** 20)} MiB at most`;
}

/** A record of Windows' event log in the words that tell most of it; any other line as it is. */
function readableLine(line: string): string {
  const id = /^<Event .*?<EventID[^>]*>(\d+)<\/EventID>/.exec(line)?.[1];
  if (id === undefined) return line;
  const provider = /<Provider Name="([^"]*)"/.exec(line)?.[1] ?? '';
  const data = line.matchAll(/<Data(?: Name="([^"]*)")?>([^<]+)<\/Data>/g);
  const told = [...data]
    .filter(([, , value]) => value !== '-')
    .map(([, name, value]) => (name ? `${name}=${value}` : value));
  return `${provider} ${id}: ${told.join(', ')}`;
}

/** Which logs nobody here knows, which are damaged, and which were not read. */
function* humanFiles({ files, skipped = [] }: ReplayResult): Generator<string> {
  const unknown = files.filter(({ lines, known }) => lines > 0 && known === 0);
  if (unknown.length > 0) yield `Logs that no source knows (docs/sources.md says how to add one): ${namesOf(unknown)}`;
  for (const { path, damage = {} } of files.filter(({ damage }) => damage !== undefined)) {
    const parts = Object.entries(damage).map(([reason, count]) => `${reason} ${count}`);
    yield `Damaged, and read where it can be: ${printable(path)} (${parts.join(', ')})`;
  }
  const reasons = new Map<string, SkippedFile[]>();
  for (const file of skipped) reasons.set(file.reason, [...(reasons.get(file.reason) ?? []), file]);
  for (const [reason, skippedFiles] of reasons) yield `Not read, since ${reason}: ${namesOf(skippedFiles)}`;
}

const MOST_NAMES = 8;

function namesOf(files: readonly { path: string }[]): string {
  const shown = files.slice(0, MOST_NAMES).map(({ path }) => printable(path, 100));
  return shown.join(', ') + (files.length > MOST_NAMES ? ` and ${files.length - MOST_NAMES} more` : '');
}

/** Whether an address was blocked in a report, as `countedAs` writes it. */
export function isBlockedIn(report: ReplayReport, address: string): boolean {
  const target = countedAs(address);
  return report.blocks.some((block) => block.target === target);
}

async function* humanBlocks(placed: PlacedBlock[], prevented: number, files: readonly ReplayFile[], most: number) {
  const targets = new Set(placed.map(({ target }) => target)).size;
  yield `Would have blocked ${targets} addresses (${placed.length} times), preventing ${prevented} later attempts:`;
  placed.sort((a, b) => b.prevented - a.prevented || a.at.localeCompare(b.at));
  for (const block of await withLines(placed.slice(0, most), files)) {
    const ports = block.ports === 'web' ? ', web ports only' : '';
    const offence = block.offence > 1 ? ` (offence ${block.offence})` : '';
    yield `  ${block.target}  by ${block.rule}${offence}  from ${block.at} to ${block.until}  on ${block.hosts.length} hosts${ports}, ${block.prevented} prevented`;
    const [first, last] = [block.evidence[0], block.evidence.at(-1)];
    if (first) yield `      first ${printable(readableLine(first.line))}`;
    if (last && last !== first) yield `      last  ${printable(readableLine(last.line))}`;
  }
  if (placed.length > most) yield `  … and ${placed.length - most} more (--json shows all)`;
}

function headOf({ lines, events, failures }: ReplayResult) {
  return { lines, events, failures };
}

function tailOf(result: ReplayResult) {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    prevented: result.prevented,
    forgiven: [...result.forgiven].map(([address, accounts]) => ({ address, accounts: [...accounts] })),
    unparsed: Object.fromEntries(result.unparsed),
    late: result.late,
    ...(result.events > 0 ? { first: isoText(result.firstMs), last: isoText(result.lastMs) } : {}),
    files: result.files,
    skipped: result.skipped ?? [],
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    maxRssBytes: maxRSS * 1024,
  };
}

function* listed(alerts: Iterable<ReportedAlert>): Generator<string> {
  let separator = '';
  for (const alert of alerts) {
    yield separator + JSON.stringify(alert);
    separator = ',';
  }
}

/** Some at a time, unless a file is compressed: looking up its lines takes one more pass, however many they are. */
async function* blocksOf(result: ReplayResult, files: readonly ReplayFile[]): AsyncGenerator<ReportedBlock[]> {
  const most = files.some(({ kind }) => kind !== 'text') ? Number.POSITIVE_INFINITY : BATCH;
  let batch: PlacedBlock[] = [];
  for (const block of result.blocks()) {
    batch.push(block);
    if (batch.length < most) continue;
    yield await withLines(batch, files);
    batch = [];
  }
  yield await withLines(batch, files);
}

/** The lines behind the blocks, read again from where they stand. */
async function withLines(blocks: readonly PlacedBlock[], files: readonly ReplayFile[]): Promise<ReportedBlock[]> {
  const offsets = files.map(() => new Set<number>());
  for (const { evidence } of blocks)
    for (const { place } of evidence) if (place) offsets[place.file]?.add(place.offset);
  const lines: Map<number, string>[] = [];
  for (const [index, file] of files.entries())
    lines.push(await file.linesAt([...(offsets[index] as Set<number>)].sort((a, b) => a - b)));
  return blocks.map(({ evidence, ...block }) => ({
    ...block,
    evidence: evidence.map(({ host, time, place }) => ({
      host,
      time,
      line: (place && lines[place.file]?.get(place.offset)) ?? '',
    })),
  }));
}
