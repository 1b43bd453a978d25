import type { Source } from '@fleetwall/sources';
import { generated, table } from './markdown.js';

/** `docs/generated/sources.md`. */
export function sourcesPage(sources: readonly Source[]): string {
  const rows = sources.map(({ name, programs, prefixes = [], formats = [] }) => [
    `[${name}](../../libs/sources/src/${name}/README.md)`,
    [...programs.map((program) => `\`${program}\``), ...prefixes.map((prefix) => `\`${prefix}…\``)].join(', '),
    formats.map((format) => [format.name, ...(format.files ?? []).map((file) => `\`${file}\``)].join(' ')).join(', '),
  ]);
  return `${[
    generated('libs/sources/src/registry.ts'),
    '',
    '# Log sources',
    '',
    'What is read: lines of syslog and the journal by the program that they name, or by how the message begins whichever',
    'program wrote it; and logs with a form of their own, which are told by their lines, and where they usually lie. Fields',
    'and actions are described with each source.',
    '',
    table(['Source', 'Programs, beginnings', 'Own logs'], rows),
  ].join('\n')}\n`;
}
