import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Clock } from '@fleetwall/core';
import { type LogFormat, SOURCES } from '@fleetwall/sources';
import { INPUT_ERRORS } from './errors.js';
import { expandAll, Glob } from './file-tail/glob.js';
import { reasonOf } from './problems.js';

/**
 * What syslog daemons write by default, by what it is good for. In a row, one file holds what the next ones hold too
 * (Debian writes kernel lines to three files), so only the first of a row is read.
 */
const ROWS: readonly { holds: string; paths: readonly string[] }[] = [
  // Debian and Ubuntu; Red Hat; SUSE, where one file holds everything.
  { holds: 'logons', paths: ['/var/log/auth.log', '/var/log/secure', '/var/log/messages'] },
  { holds: 'the firewall', paths: ['/var/log/kern.log', '/var/log/messages', '/var/log/ufw.log'] },
  { holds: 'mail logons', paths: ['/var/log/mail.log', '/var/log/maillog'] },
];
const JOURNAL_DIRECTORIES: readonly string[] = ['/var/log/journal', '/run/log/journal'];
/** On every living machine somebody logs on, or cron does, within this time. */
const STALE_MS = 7 * 86_400_000;

/** A log of this host, for `doctor` and the start banner. */
export interface DiscoveredLog {
  kind: 'file' | 'journald';
  path: string;
  /** Whether it is to be read. */
  chosen: boolean;
  readable: boolean;
  /** Why it is read or not, in words. */
  reason: string;
  /** What to do when it should be read and cannot be. */
  hint?: string;
}

export interface Discovery {
  /** For `FileTail`: files, and globs of programs that have such files, so that new ones are found as they come. */
  paths: string[];
  journald: boolean;
  /** All that exist, also those that are not read. Empty: there is nothing to read on this host. */
  logs: DiscoveredLog[];
}

export interface DiscoverOptions {
  /** Directory in place of `/`. */
  root?: string;
  clock?: Clock;
  /** Logs with a form of their own: where they lie when nobody moved them. Those of all sources when absent. */
  formats?: readonly Pick<LogFormat, 'name' | 'files'>[];
}

interface Existing {
  path: string;
  modifiedMs: number;
  unreadable: string | undefined;
}

/**
 * Finds what is to be read on this host: the files of the syslog daemon where it writes the logons to one, else the journal;
 * never both, since most lines are in both and would count twice. A file that nobody has written for a week, beside a
 * living journal, was left behind by a daemon that is gone. Besides, the logs that programs write themselves. Paths are
 * answered as under `/`.
 */
export async function discoverLogs({
  root = '/',
  clock = Date.now,
  formats = SOURCES.flatMap((source) => source.formats ?? []),
}: DiscoverOptions = {}): Promise<Discovery> {
  const found = new Map<string, Existing>();
  for (const path of new Set(ROWS.flatMap(({ paths }) => paths))) {
    const existing = await examine(root, path, path);
    if (existing !== undefined) found.set(path, existing);
  }
  const journal = await findJournal(root);
  const logons = ROWS[0]!.paths.map((path) => found.get(path)).find((file) => file !== undefined);
  const isStale = logons !== undefined && journal !== undefined && clock() - logons.modifiedMs > STALE_MS;
  const journald = journal !== undefined && (logons === undefined || isStale);
  const logs = journald ? [...found.values()].map((file) => notBesideJournal(file, isStale)) : filesOf(found);
  if (journal !== undefined) logs.push(journalLog(journal, journald ? undefined : logons!));
  const own = await ownLogs(root, formats, new Set(logs.map(({ path }) => path)));
  const chosen = logs.filter((log) => log.kind === 'file' && log.chosen).map(({ path }) => path);
  logs.push(...own.logs);
  return {
    paths: [...chosen, ...own.globs],
    journald,
    logs,
  };
}

function filesOf(found: Map<string, Existing>): DiscoveredLog[] {
  const logs = new Map<string, DiscoveredLog>();
  for (const { holds, paths } of ROWS) {
    const [first, ...others] = paths.flatMap((path) => found.get(path) ?? []);
    if (first === undefined) continue;
    const earlier = logs.get(first.path);
    const reason = earlier?.chosen ? `${earlier.reason} and ${holds}` : `holds ${holds}`;
    logs.set(first.path, describe(first, true, reason));
    for (const other of others) {
      if (!logs.has(other.path)) logs.set(other.path, describe(other, false, `its lines are in ${first.path} too`));
    }
  }
  return [...logs.values()];
}

/** Logs of programs that write their own, each once, and the globs that found them. */
async function ownLogs(
  root: string,
  formats: readonly Pick<LogFormat, 'name' | 'files'>[],
  known: Set<string>,
): Promise<{ logs: DiscoveredLog[]; globs: string[] }> {
  const logs: DiscoveredLog[] = [];
  const globs = new Set<string>();
  for (const [name, file] of formats.flatMap(({ name, files = [] }) => files.map((file) => [name, file] as const))) {
    const found = await expandAll([new Glob(join(root, file))], () => false);
    for (const real of [...found.files].sort()) {
      const path = `/${relative(root, real)}`;
      const existing = known.has(path) ? undefined : await examine(root, path, path);
      if (existing === undefined) continue;
      known.add(path);
      globs.add(file);
      logs.push(describe(existing, true, `${name} writes it`));
    }
  }
  return { logs, globs: [...globs] };
}

function notBesideJournal(file: Existing, isStale: boolean): DiscoveredLog {
  return describe(
    file,
    false,
    isStale ? 'nothing was written to the logon log for a week' : 'the journal holds its lines too',
  );
}

function journalLog(journal: Existing, logons: Existing | undefined): DiscoveredLog {
  const reason = logons === undefined ? 'holds everything' : `its lines are in ${logons.path} and the other files too`;
  const log: DiscoveredLog = { ...describe(journal, logons === undefined, reason), kind: 'journald' };
  if (log.hint !== undefined) log.hint = INPUT_ERRORS.JOURNAL_UNREADABLE.hint;
  return log;
}

function describe({ path, unreadable }: Existing, chosen: boolean, reason: string): DiscoveredLog {
  const log: DiscoveredLog = { kind: 'file', path, chosen, readable: unreadable === undefined, reason };
  if (chosen && unreadable !== undefined) {
    log.reason = `${reason}, but cannot be read: ${unreadable}`;
    log.hint = INPUT_ERRORS.FILE_UNREADABLE.hint;
  }
  return log;
}

/** The file `path` under `root`, told as `name`; undefined when there is none. */
async function examine(root: string, path: string, name: string): Promise<Existing | undefined> {
  const real = join(root, path);
  try {
    const found = await stat(real);
    if (!found.isFile()) return undefined;
    const unreadable = await open(real, 'r').then((file) => file.close(), reasonOf);
    return { path: name, modifiedMs: found.mtimeMs, unreadable: unreadable ?? undefined };
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    return isMissing ? undefined : { path: name, modifiedMs: Number.POSITIVE_INFINITY, unreadable: reasonOf(error) };
  }
}

/** The system journal: `<directory>/<machine id>/system.journal` (systemd-journald.service(8)). */
async function findJournal(root: string): Promise<Existing | undefined> {
  for (const directory of JOURNAL_DIRECTORIES) {
    const machines = await readdir(join(root, directory)).catch(() => []);
    for (const machine of machines.filter((name) => /^[0-9a-f]{32}$/.test(name))) {
      const existing = await examine(root, join(directory, machine, 'system.journal'), directory);
      if (existing !== undefined) return existing;
    }
  }
  return undefined;
}
