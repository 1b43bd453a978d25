import { stringify } from 'yaml';
import { generated, table } from './markdown.js';

/** The part of JSON Schema (2020-12) that zod writes. */
export interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: string[];
  const?: unknown;
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

export interface Option {
  /** `collector.spool.maxBytes` */
  path: string;
  schema: JsonSchema;
}

/** The options of a schema, depth first, in the order of the schema. */
export function optionsOf(schema: JsonSchema, path: readonly string[] = []): Option[] {
  if (!schema.properties) return [{ path: path.join('.'), schema }];
  return Object.entries(schema.properties).flatMap(([name, inner]) => optionsOf(inner, [...path, name]));
}

/** `collector.maxCpuShare` is FLEETWALL_COLLECTOR_MAX_CPU_SHARE. */
export function variableOf(path: string): string {
  return `FLEETWALL_${path
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** `docs/configuration.md`. */
export function configurationPage(schema: JsonSchema): string {
  const rows = optionsOf(schema).map(({ path, schema: option }) => [
    `\`${path}\``,
    `\`${variableOf(path)}\``,
    typeOf(option),
    option.default === undefined ? '' : `\`${JSON.stringify(option.default)}\``,
    option.description ?? '',
  ]);
  return `${[
    generated('libs/config/src/config-schema.ts'),
    '',
    '# Configuration',
    '',
    'Nothing has to be configured. Options come from `fleetwall.yml` in the working directory or in `FLEETWALL_HOME`, or from',
    'the file that `FLEETWALL_CONFIG` names; variables win over the file. Lists in variables are separated by commas. A',
    'mistake stops the start and is shown with its line and column; `./fleetwall doctor` shows what is in force.',
    '',
    '`FLEETWALL_HOME` is the directory of all data (`.fleetwall` in the working directory when absent).',
    '',
    table(['Option', 'Variable', 'Type', 'Default', 'Meaning'], rows),
    '',
    'All of them with their defaults: [fleetwall.sample.yml](generated/fleetwall.sample.yml). For editors:',
    '[fleetwall.schema.json](generated/fleetwall.schema.json), and [policy.schema.json](generated/policy.schema.json) for',
    'the files of [policies](policies.md).',
  ].join('\n')}\n`;
}

/** A complete `fleetwall.yml` of defaults; options without one are commented out. */
export function samplePage(schema: JsonSchema): string {
  const intro = [
    '# Every option with its default. Written by `npm run docs`; what it means: docs/configuration.md.',
    '# yaml-language-server: $schema=fleetwall.schema.json',
  ];
  return `${[...intro, ...sampleLines(schema, 0)].join('\n')}\n`;
}

function sampleLines(schema: JsonSchema, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    if (inner.properties) return section(name, inner, depth);
    const comment = inner.description === undefined ? [] : [`${indent}# ${inner.description}`];
    const line =
      inner.default === undefined
        ? `${indent}# ${name}: ${inner.type === 'array' ? '[]' : ''}`.trimEnd()
        : `${indent}${name}: ${stringify(inner.default, { collectionStyle: 'flow' }).trim()}`;
    return [...comment, line];
  });
}

/** A section that is absent by default, or has no defaults, is whole in comments. */
function section(name: string, schema: JsonSchema, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const lines = sampleLines(schema, depth + 1);
  const hasDefaults = schema.default !== undefined && lines.some((line) => !line.trimStart().startsWith('#'));
  if (hasDefaults) return [`${indent}${name}:`, ...lines];
  const about = schema.description === undefined ? [] : [`${indent}# ${schema.description}`];
  return [...about, `${indent}# ${name}:`, ...lines.map((line) => `${indent}# ${line.slice(indent.length)}`)];
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.oneOf || schema.properties) return 'section';
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}s`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'string') return 'text';
  return `${schema.type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`;
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const low = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  if (low === undefined) return '';
  const hasEnd = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (!hasEnd) return `, at least ${low}`;
  return exclusiveMinimum === undefined ? `, ${low} to ${maximum}` : `, ${low}, at most ${maximum}`;
}
