import { readdir } from 'node:fs/promises';
import { posix, resolve, sep } from 'node:path';

const MAX_DEPTH = 32;
const WILD = /[*?[]/;
const COMPRESSED = /\.(gz|xz|bz2|zst|lz4|zip)$/i;
/** What rotation puts behind a name, and nothing else does: `.1`, `.old`, `~`. */
const NUMBERED = /(\.\d{1,3}|\.old|~)$/;
/** `-20261122`, `-20261122-1792500000`: rotated by logrotate, or the log of that day. */
const DATED = /-\d{8}(-\d+)?$/;

export interface Expansion {
  files: Set<string>;
  /** Where files matched or could; to be watched. */
  directories: Set<string>;
  /** Directories that could not be listed (other than missing ones). */
  failures: Map<string, unknown>;
}

/** Absolute, with `/` between the parts also on Windows. */
export function normalisePath(path: string): string {
  const absolute = resolve(path);
  return sep === '/' ? absolute : absolute.replaceAll(sep, '/');
}

/**
 * A pattern of paths: `*` and `?` within a name, `[a-z]` and `[!a-z]`, `**` any number of directories. Names that begin
 * with a dot match only where the pattern has the dot. Directories behind symbolic links are followed, except by `**`.
 *
 * A wildcard never finds compressed files, nor rotated ones (`auth.log.1`, or `auth.log-20261122` where there is, or was,
 * an `auth.log`): those are read as the continuation of what they were. A path without wildcards is taken as it is.
 */
export class Glob {
  private readonly segments: string[];
  private readonly tests: (RegExp | undefined)[];

  constructor(pattern: string) {
    this.segments = normalisePath(pattern)
      .split('/')
      .slice(sep === '/' ? 1 : 0);
    this.tests = this.segments.map((segment) => (WILD.test(segment) ? segmentTest(segment) : undefined));
  }

  /** Whether a path, whole and normalised, could be one of the pattern's. */
  matches(path: string): boolean {
    return this.matchesFrom(path.split('/').slice(sep === '/' ? 1 : 0), 0, 0);
  }

  /** Adds what the pattern finds now. `wasSeen` tells of paths that existed earlier. */
  async expand(into: Expansion, wasSeen: (path: string) => boolean): Promise<void> {
    await this.walk(sep === '/' ? '/' : '', 0, 0, into, wasSeen);
  }

  private matchesFrom(parts: string[], part: number, segment: number): boolean {
    if (segment === this.segments.length || part === parts.length) {
      return segment === this.segments.length && part === parts.length;
    }
    const isAnyDepth = this.segments[segment] === '**' && segment < this.segments.length - 1;
    if (isAnyDepth && this.matchesFrom(parts, part, segment + 1)) return true;
    const test = this.tests[segment];
    const fits = test === undefined ? this.segments[segment] === parts[part] : test.test(parts[part]!);
    return fits && this.matchesFrom(parts, part + 1, isAnyDepth ? segment : segment + 1);
  }

  private async walk(
    directory: string,
    index: number,
    depth: number,
    into: Expansion,
    wasSeen: (path: string) => boolean,
  ): Promise<void> {
    const segment = this.segments[index]!;
    const last = index === this.segments.length - 1;
    const test = this.tests[index];
    if (last) into.directories.add(directory);
    if (test === undefined) {
      const path = posix.join(directory, segment);
      if (last) into.files.add(path);
      else await this.walk(path, index + 1, depth, into, wasSeen);
      return;
    }
    const entries = await list(directory, into);
    if (segment === '**' && !last) await this.walk(directory, index + 1, depth, into, wasSeen);
    const names = new Set(entries.map((entry) => entry.name));
    for (const entry of entries) {
      if (!test.test(entry.name)) continue;
      const path = posix.join(directory, entry.name);
      if (last) {
        if (!entry.isDirectory() && !isRotated(directory, entry.name, names, wasSeen)) into.files.add(path);
      } else if (segment === '**') {
        if (entry.isDirectory() && depth < MAX_DEPTH) await this.walk(path, index, depth + 1, into, wasSeen);
      } else if (entry.isDirectory() || entry.isSymbolicLink()) {
        await this.walk(path, index + 1, depth, into, wasSeen);
      }
    }
  }
}

/** One reading of the directories for all patterns. */
export async function expandAll(globs: Glob[], wasSeen: (path: string) => boolean): Promise<Expansion> {
  const expansion: Expansion = { files: new Set(), directories: new Set(), failures: new Map() };
  for (const glob of globs) await glob.expand(expansion, wasSeen);
  return expansion;
}

async function list(directory: string, into: Expansion) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') into.failures.set(directory, error);
    return [];
  }
}

function isRotated(directory: string, name: string, names: Set<string>, wasSeen: (path: string) => boolean): boolean {
  if (COMPRESSED.test(name) || NUMBERED.test(name)) return true;
  const base = name.replace(DATED, '');
  return base !== name && (names.has(base) || wasSeen(posix.join(directory, base)));
}

function segmentTest(segment: string): RegExp {
  const hidden = segment.startsWith('.') ? '' : '(?!\\.)';
  const body = segment.replace(/\*+|\?|\[!?[^\]]+\]|[\\^$.|+(){}[\]]/g, (token) => {
    if (token.startsWith('*')) return '.*';
    if (token === '?') return '.';
    if (token.startsWith('[') && token.length > 1) return token.replace('[!', '[^').replaceAll('\\', '\\\\');
    return `\\${token}`;
  });
  return new RegExp(`^${hidden}${body}$`, 's');
}
