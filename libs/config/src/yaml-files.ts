import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface YamlFile {
  /** As a person would name it: below the directory's own name, with `/`. */
  path: string;
  text: string;
}

/** All `.yml` and `.yaml` files of a directory and those below it, in order of path; or the one file that is named. */
export async function readYamlFiles(directory: string): Promise<YamlFile[]> {
  if ((await stat(directory)).isFile()) return [{ path: directory, text: await readFile(directory, 'utf8') }];
  const names = await readdir(directory, { recursive: true });
  const yaml = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const shown = (name: string) => join(relative(process.cwd(), directory) || '.', name).replaceAll('\\', '/');
  return Promise.all(
    yaml.map(async (name) => ({ path: shown(name), text: await readFile(join(directory, name), 'utf8') })),
  );
}
