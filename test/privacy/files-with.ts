import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a directory that has it, or a name of a file that does. */
export function filesWith(directory: string, pattern: RegExp): string[] {
  const names = readdirSync(directory, { recursive: true }) as string[];
  return names.filter((name) => {
    const path = join(directory, name);
    if (pattern.test(name)) return true;
    return statSync(path).isFile() && pattern.test(readFileSync(path, 'latin1'));
  });
}
