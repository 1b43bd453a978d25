import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorRow, ErrorTable } from '@fleetwall/core';
import { generated, table } from './markdown.js';

export interface NamedTable {
  /** As it is exported: `CORE_ERRORS`. */
  name: string;
  file: string;
  table: ErrorTable;
}

const PACKAGES = ['libs', 'services', 'collector', 'cli'];

/** The tables of every `errors.ts`, wherever it lies, so that none is forgotten. */
export async function readErrorTables(root: string): Promise<NamedTable[]> {
  const files = PACKAGES.flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => /\/src\/(.*\/)?errors\.ts$/.test(path) && !path.includes('/node_modules/')),
  );
  const tables: NamedTable[] = [];
  for (const file of files.sort()) {
    const module = (await import(join(root, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (isErrorTable(value)) tables.push({ name, file, table: value });
    }
  }
  return tables.sort((a, b) => a.name.localeCompare(b.name));
}

function isErrorTable(value: unknown): value is ErrorTable {
  if (typeof value !== 'object' || value === null) return false;
  const rows: unknown[] = Object.values(value);
  return rows.length > 0 && rows.every((row) => typeof (row as Partial<ErrorRow>)?.hint === 'string');
}

/** `docs/errors.md`. */
export function errorsPage(tables: readonly NamedTable[]): string {
  const sections = tables.map(({ name, file, table: errors }) => {
    const rows = Object.entries(errors).map(([code, { message, hint, retryable }]) => [
      `\`${code}\``,
      shown(message),
      shown(hint),
      retryable ? 'yes' : 'no',
    ]);
    return [
      `## ${titleOf(name)}`,
      '',
      `From [${file}](../${file}).`,
      '',
      table(['Code', 'Message', 'What to do', 'Again'], rows),
    ].join('\n');
  });
  return `${[
    generated('every `errors.ts`'),
    '',
    '# Errors',
    '',
    'Every error has a code that does not change, says what happened, and what to do about it. *Again* tells whether the',
    'same call may succeed later. `{name}` stands for what the error is about.',
    '',
    sections.join('\n\n'),
  ].join('\n')}\n`;
}

/** A text that is nothing but one detail says itself what is wrong, or what to write instead. */
function shown(text: string): string {
  return /^\{\w+\}$/.test(text) ? '(in the words of the case)' : text;
}

/** `EVENT_STORE_ERRORS`: Event store. */
function titleOf(name: string): string {
  const words = name
    .replace(/_ERRORS$/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  const named = words.replace(/\bcli\b/, 'command line').replace(/^log$/, 'segment log');
  return `${named.charAt(0).toUpperCase()}${named.slice(1)}`;
}
