import { loadCustomSource, SOURCES, type Source } from '@fleetwall/sources';
import { configError } from './errors.js';
import { type DetectionProblem, errorOf, problemOf } from './problems.js';
import { readYamlFiles, type YamlFile } from './yaml-files.js';

/** Log sources that an operator wrote, and what is wrong with those that do not load. */
export interface CheckedSources {
  sources: Source[];
  problems: DetectionProblem[];
}

/** Reads every source of a directory (or the one file), runs its tests, and tells every file's mistake. Throws SOURCES_UNREADABLE. */
export async function checkCustomSources(path: string): Promise<CheckedSources> {
  const sources: Source[] = [];
  const problems: DetectionProblem[] = [];
  for (const file of await readFiles(path)) {
    const taken = new Set([...SOURCES, ...sources].map(({ name }) => name));
    problems.push(...problemOf(() => sources.push(loadCustomSource(file, taken)), file.path));
  }
  return { sources, problems };
}

/** All of them, or the first mistake; none where no directory is named. Throws SOURCE_INVALID, SOURCE_TEST_FAILED, SOURCES_UNREADABLE. */
export async function readCustomSources(path: string | undefined): Promise<Source[]> {
  if (path === undefined) return [];
  const { sources, problems } = await checkCustomSources(path);
  const [first] = problems;
  if (first) throw errorOf(first);
  return sources;
}

async function readFiles(path: string): Promise<YamlFile[]> {
  try {
    const files = await readYamlFiles(path);
    if (files.length > 0) return files;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw configError('SOURCES_UNREADABLE', { path, reason }, { cause: error });
  }
  throw configError('SOURCES_UNREADABLE', { path, reason: 'there are no sources in it' });
}
