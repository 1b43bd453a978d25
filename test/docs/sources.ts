import type { Source } from '@fleetwall/sources';
import { generated, table } from './markdown.js';

/** `docs/generated/sources.md`. */
export function sourcesPage(sources: readonly Source[]): string {
  const rows = sources.map(({ name, programs, prefixes = [] }) => [
    `[${name}](../../libs/sources/src/${name}/README.md)`,
    [...programs.map((program) => `\`${program}\``), ...prefixes.map((prefix) => `\`${prefix}…\``)].join(', '),
  ]);
  return `${[
    generated('libs/sources/src/registry.ts'),
    '',
    '# Log sources',
    '',
    'What is read, by the program that a line names or by how its message begins, whichever program wrote it. Fields and',
    'actions are described with each source.',
    '',
    table(['Source', 'Programs, beginnings'], rows),
  ].join('\n')}\n`;
}
