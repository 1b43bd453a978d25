import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Config, configSchema } from './config-schema.js';
import { configError } from './errors.js';

export interface LoadedConfig {
  config: Config;
  /** Directory of all data. */
  home: string;
  /** The file that was read, if there was one. */
  file: string | undefined;
}

/** Variables that are not options of the schema. */
const OWN_VARIABLES = new Set(['FLEETWALL_HOME', 'FLEETWALL_CONFIG', 'FLEETWALL_SHARED', 'FLEETWALL_RUNS']);
/** Variables of the project's own tests. */
const TEST_PREFIX = 'FLEETWALL_TEST_';

/**
 * Defaults, then `fleetwall.yml` (in the working directory or in FLEETWALL_HOME, or where FLEETWALL_CONFIG says), then
 * the environment: FLEETWALL_HTTP_PORT is `http.port`, FLEETWALL_COLLECTOR_MAX_CPU_SHARE is `collector.maxCpuShare`;
 * lists are separated by commas. Throws CONFIG_INVALID with the place of the mistake.
 */
export function loadConfig(env: NodeJS.ProcessEnv, cwd: string): LoadedConfig {
  const home = resolve(cwd, env['FLEETWALL_HOME'] ?? '.fleetwall');
  const named = env['FLEETWALL_CONFIG'];
  const candidates =
    named === undefined ? [resolve(cwd, 'fleetwall.yml'), resolve(home, 'fleetwall.yml')] : [resolve(cwd, named)];
  const file = candidates.find(existsSync);
  if (named !== undefined && file === undefined)
    throw invalid(`FLEETWALL_CONFIG names ${named}, which does not exist.`);
  const text = file === undefined ? '' : readFileSync(file, 'utf8');
  const { data, offsetOf } = readYaml(text, file);
  for (const [name, value] of Object.entries(env)) {
    if (isOption(name) && value !== undefined) setFromEnvironment(data, name, value);
  }
  const result = configSchema.safeParse(data);
  if (result.success) return { config: result.data, home, file };
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : issue.path;
  const reason = `${path.join('.')}: ${issue.message}.`;
  throw file === undefined ? invalid(reason) : invalidAt(text, file, offsetOf(path), reason);
}

function readYaml(text: string, file: string | undefined) {
  const document = parseDocument(text, { lineCounter: new LineCounter(), uniqueKeys: true, customTags: [] });
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax && file !== undefined) throw invalidAt(text, file, syntax.pos[0], syntax.message.split('\n')[0] as string);
  const data = toOptions(document, text, file);
  const offsetOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length) as (string | number)[], true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  return { data, offsetOf };
}

/** The file as a map of options; what is none, or would grow without bound, is refused at its beginning. */
function toOptions(document: ReturnType<typeof parseDocument>, text: string, file = ''): Record<string, unknown> {
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 20 }) ?? {};
  } catch (error) {
    throw invalidAt(text, file, 0, `${(error as Error).message}.`);
  }
  if (typeof data === 'object' && !Array.isArray(data)) return data as Record<string, unknown>;
  throw invalidAt(text, file, 0, 'The file holds no options (`name: value`).');
}

/** Walks the schema by the words of the name: FLEETWALL_COLLECTOR_SPOOL_MAX_BYTES. */
function setFromEnvironment(data: Record<string, unknown>, name: string, value: string): void {
  const words = name.slice('FLEETWALL_'.length).toLowerCase().split('_');
  let shape: Record<string, z.ZodType> = configSchema.shape;
  let target = data;
  for (;;) {
    // The longest that fits: `passwordFile` begins like `password`.
    const [found] = Object.keys(shape)
      .filter((key) => startsWithWords(words, wordsOf(key)))
      .sort((a, b) => b.length - a.length);
    if (found === undefined) throw invalid(`There is no option for the variable ${name}.`);
    words.splice(0, wordsOf(found).length);
    const inner = innerShape(shape[found] as z.ZodType);
    if (!inner) {
      if (words.length > 0) throw invalid(`There is no option for the variable ${name}.`);
      target[found] = parsedValue(shape[found] as z.ZodType, value);
      return;
    }
    target[found] = { ...(target[found] as object | undefined) };
    target = target[found] as Record<string, unknown>;
    shape = inner;
  }
}

function innerShape(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const { def } = schema as unknown as { def: { innerType?: z.ZodType; shape?: Record<string, z.ZodType> } };
  return def.shape ?? (def.innerType ? innerShape(def.innerType) : undefined);
}

function wordsOf(key: string): string[] {
  return key
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase()
    .split('_');
}

function startsWithWords(words: readonly string[], start: readonly string[]): boolean {
  return start.every((word, i) => words[i] === word);
}

/** Numbers and booleans by their looks; text is split at commas where the option takes a list and the text is no word of its own. */
function parsedValue(schema: z.ZodType, text: string): unknown {
  if (/^(true|false|-?\d+(\.\d+)?)$/.test(text) && !schema.safeParse(text).success) return JSON.parse(text);
  return takesList(schema) && !schema.safeParse(text).success ? text.split(',').map((part) => part.trim()) : text;
}

function takesList(schema: z.ZodType): boolean {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType; options?: z.ZodType[] } };
  if (def.type === 'array') return true;
  return (def.options ?? (def.innerType ? [def.innerType] : [])).some(takesList);
}

function invalid(reason: string) {
  return configError('CONFIG_INVALID', { reason });
}

function invalidAt(text: string, file: string, offset: number, reason: string) {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1) as string).length + 1;
  const shown = `${reason}\n  ${text.split('\n')[before.length - 1] ?? ''}\n  ${' '.repeat(column - 1)}^`;
  return configError('CONFIG_INVALID', { reason: shown }, { position: `${file}:${before.length}:${column}` });
}

function isOption(name: string): boolean {
  return name.startsWith('FLEETWALL_') && !name.startsWith(TEST_PREFIX) && !OWN_VARIABLES.has(name);
}
