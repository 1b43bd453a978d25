import { FleetwallError, printable } from '@fleetwall/core';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Source } from '../source.js';
import { checkSource } from './check.js';
import { CompileFault, compileSource } from './compile.js';
import { customSourceError } from './errors.js';
import { type CustomSource, customSourceSchema } from './schema.js';

export interface CustomSourceFile {
  /** Shown in errors. */
  path: string;
  text: string;
}

const MAX_FILE_CHARACTERS = 500_000;
/** A detector needs four levels; what is deeper is made to break readers. */
const MAX_OPEN_BRACKETS = 20;

/**
 * The source that a YAML file describes, tested. Throws SOURCE_INVALID or SOURCE_TEST_FAILED with `path:line:column` and a caret.
 *
 * @param taken names of other sources, which it may not have
 */
export function loadCustomSource(file: CustomSourceFile, taken: ReadonlySet<string>): Source {
  const { custom, offsetOf } = readFile(file);
  if (taken.has(custom.name))
    throw invalid(file, offsetOf(['name']), `The name "${custom.name}" is taken by another source.`);
  let source: Source;
  try {
    source = compileSource(custom);
  } catch (error) {
    if (!(error instanceof CompileFault)) throw error;
    throw invalid(file, offsetOf(error.path), `${error.path.join('.') || 'source'}: ${error.message}.`);
  }
  const [fault] = checkSource(custom, source);
  if (fault === undefined) return source;
  const { path, reason, instead } = fault;
  const { position, shown } = placeOf(file, offsetOf(path));
  throw customSourceError(
    'SOURCE_TEST_FAILED',
    { reason: `${path.join('.')}: ${printable(reason, 400)}.\n${shown}`, instead },
    { position },
  );
}

type OffsetOf = (path: readonly PropertyKey[]) => number;

function readFile(file: CustomSourceFile): { custom: CustomSource; offsetOf: OffsetOf } {
  refuseExcess(file);
  const document = parseDocument(file.text, { lineCounter: new LineCounter(), uniqueKeys: true, customTags: [] });
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax) throw invalid(file, syntax.pos[0], syntax.message.split('\n')[0] as string);
  const offsetOf: OffsetOf = (path) => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length) as (string | number)[], true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw invalid(file, 0, 'Aliases (*name) have no place in a source.');
  }
  const result = customSourceSchema.safeParse(data);
  if (result.success) return { custom: result.data, offsetOf };
  const [issue] = result.error.issues;
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : (issue?.path ?? []);
  throw invalid(file, offsetOf(path), `${path.join('.') || 'source'}: ${issue?.message ?? 'invalid'}.`);
}

/** Before the recursive part of the YAML reader sees it. */
function refuseExcess(file: CustomSourceFile): void {
  if (file.text.length > MAX_FILE_CHARACTERS) {
    throw invalid(file, 0, `It is longer than ${MAX_FILE_CHARACTERS} characters.`);
  }
  let open = 0;
  for (let at = 0; at < file.text.length; at++) {
    const char = file.text[at];
    if (char === '[' || char === '{') open++;
    else if (char === ']' || char === '}' || char === '\n') open = 0;
    if (open > MAX_OPEN_BRACKETS)
      throw invalid(file, at, `More than ${MAX_OPEN_BRACKETS} brackets are open in one line.`);
  }
}

function invalid(file: CustomSourceFile, offset: number, reason: string): FleetwallError {
  const { position, shown } = placeOf(file, offset);
  return customSourceError('SOURCE_INVALID', { reason: `${printable(reason, 400)}\n${shown}` }, { position });
}

/** `path:line:column`, and the line with a caret. */
function placeOf({ path, text }: CustomSourceFile, offset: number): { position: string; shown: string } {
  const before = text.slice(0, offset).split('\n');
  const [line, column] = [before.length, (before.at(-1) as string).length + 1];
  const from = Math.max(0, column - 80);
  const source = printable((text.split('\n')[line - 1] ?? '').slice(from, from + 140).replaceAll('\t', ' '), 200);
  return { position: `${path}:${line}:${column}`, shown: `  ${source}\n  ${' '.repeat(column - 1 - from)}^` };
}
