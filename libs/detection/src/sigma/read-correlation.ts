import { isScalar, isSeq, type Node } from 'yaml';
import { Attributes, kindOf, offsetOf } from './attributes.js';
import { parseDuration, suggestDuration } from './duration.js';
import type { Mapping } from './mapping.js';
import { type AliasDraft, readAliases } from './read-aliases.js';
import { fieldNameBy, placedTexts, readHeader, readTaxonomy } from './read-header.js';
import { Refusal, type Refusals } from './refusal.js';
import type { Correlation, CorrelationType } from './rule.js';
import type { FieldName } from './selection.js';

const TYPES = ['event_count', 'value_count', 'temporal', 'temporal_ordered'] as const;
const LATER_TYPES = ['value_sum', 'value_avg', 'value_percentile'];
const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];
const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const MAX_LIST = 100;
const HOUR_MS = 3_600_000;
/** What the counting windows hold; a count of 1 is the rule itself. */
const COUNT = { min: 2, max: 1_000 };

/** A correlation before its references are resolved. */
export interface CorrelationDraft extends Omit<Correlation, 'generate' | 'rules' | 'aliases' | 'file'> {
  /** Sigma's `generate`: the rules it refers to stay alerts of their own. */
  generateReferred: boolean;
  references: { text: string; offset: number }[];
  aliases: AliasDraft[];
}

/** Reads a document with a `correlation`. Undefined when something was refused, which is then in `refusals`. */
export function readCorrelation(
  attributes: Attributes,
  names: { name: string; id: string | undefined },
  mappings: readonly Mapping[],
  refusals: Refusals,
): CorrelationDraft | undefined {
  const node = attributes.find('correlation') as Node;
  const header = refusals.attempt(() => readHeader(attributes));
  const latenessMs = refusals.attempt(() => readLateness(attributes));
  const mapping = refusals.attempt(() => readTaxonomy(attributes, offsetOf(node), mappings));
  const section = mapping && refusals.attempt(() => readSection(node, fieldNameBy(mapping)));
  // `generate` belongs to the document by the text of the specification, to the section by common use.
  const generate = refusals.attempt(() => attributes.boolean('generate') ?? false) ?? false;
  if (!header || !section || latenessMs === undefined || refusals.list.length > 0) return undefined;
  return {
    ...header,
    name: names.name,
    ruleId: names.id ?? names.name,
    latenessMs,
    ...section,
    generateReferred: generate || section.generate,
  };
}

type Section = Pick<
  CorrelationDraft,
  'type' | 'references' | 'groupBy' | 'aliases' | 'windowMs' | 'condition' | 'field'
> & {
  generate: boolean;
};

function readSection(node: Node, fieldName: FieldName): Section {
  const section = new Attributes(node, 'correlation');
  section.allowOnly(KEYS);
  const type = readType(section);
  const references = readList(section, 'rules', 'a list of rules');
  const aliases = readAliases(section, type, fieldName);
  const groupBy = readList(section, 'group-by', 'a list of fields').map(({ text, offset }) =>
    aliases.some(({ name }) => name === text) ? text : fieldName(text, offset),
  );
  const field = type === 'value_count' ? readCountedField(section, fieldName) : undefined;
  return {
    type,
    references,
    groupBy,
    aliases,
    windowMs: readDuration(section, 'timespan', section.required('timespan', 'a time such as 30m')),
    condition: { atLeast: readThreshold(section, type, references.length) },
    ...(field !== undefined && { field }),
    generate: section.boolean('generate') ?? false,
  };
}

function readType(section: Attributes): CorrelationType {
  const node = section.required('type', `one of ${TYPES.join(', ')}`);
  if (isScalar(node) && LATER_TYPES.includes(String(node.value))) {
    throw new Refusal('SIGMA_UNSUPPORTED', offsetOf(node), {
      feature: `The correlation type "${String(node.value)}"`,
      expected: `one of ${TYPES.join(', ')}`,
      instead: 'Count events (event_count) or distinct values (value_count) in its place.',
    });
  }
  return section.oneOf('type', TYPES) as CorrelationType;
}

function readList(section: Attributes, key: string, expected: string): { text: string; offset: number }[] {
  const node = section.required(key, expected);
  const list = placedTexts(node, isSeq(node) ? (node.items as Node[]) : [node], section.name(key));
  if (list.length > MAX_LIST) {
    throw new Refusal('SIGMA_LIMIT', offsetOf(node), {
      what: `${list.length} values in "${section.name(key)}"`,
      limit: String(MAX_LIST),
      instead: 'Refer to one correlation of several.',
    });
  }
  list.forEach(({ text, offset }, index) => {
    if (list.findIndex((other) => other.text === text) !== index) {
      throw new Refusal('SIGMA_VALUE', offset, {
        attribute: section.name(key),
        value: text,
        expected: 'every value once',
        instead: 'Remove the repetition.',
      });
    }
  });
  return list;
}

function readDuration(attributes: Attributes, key: string, node: Node): number {
  const text = isScalar(node) ? String(node.value) : kindOf(node);
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return durationMs;
  throw new Refusal('SIGMA_VALUE', offsetOf(node), {
    attribute: attributes.name(key),
    value: text,
    expected: 'a number and one of s, m, h, d',
    instead: suggestDuration(text),
  });
}

/** `fleetwall: { lateness: 6h }`, an attribute of our own beside Sigma's. */
function readLateness(attributes: Attributes): number {
  const node = attributes.find('fleetwall');
  if (!node) return HOUR_MS;
  const own = new Attributes(node, 'fleetwall');
  own.allowOnly(['lateness']);
  const lateness = own.find('lateness');
  return lateness ? readDuration(own, 'lateness', lateness) : HOUR_MS;
}

function readCountedField(section: Attributes, fieldName: FieldName): string {
  const condition = new Attributes(section.required('condition', 'field and gte'), 'correlation.condition');
  const node = condition.required('field', 'the field whose values are counted');
  const items = isSeq(node) ? (node.items as Node[]) : [node];
  const [first, second] = placedTexts(node, items, 'correlation.condition.field');
  if (second) {
    throw new Refusal('SIGMA_UNSUPPORTED', second.offset, {
      feature: 'Counting combinations of several fields',
      expected: 'one field',
      instead: 'Count the field that varies, and add the others to group-by.',
    });
  }
  return fieldName(first!.text, first!.offset);
}

/** `gte: 5` and `gt: 4` are 5. A temporal correlation without condition needs all its rules. */
function readThreshold(section: Attributes, type: CorrelationType, ruleCount: number): number {
  const temporal = type === 'temporal' || type === 'temporal_ordered';
  const node = section.find('condition');
  if (!node && temporal) return ruleCount;
  const condition = new Attributes(section.required('condition', 'gte: number'), 'correlation.condition');
  condition.allowOnly(type === 'value_count' ? [...OPERATORS, 'field'] : OPERATORS);
  const given = [...condition.entries.values()].filter(({ key }) => key !== 'field');
  const other = given.find(({ key }) => key !== 'gt' && key !== 'gte') ?? given[1];
  if (other) {
    throw new Refusal('SIGMA_UNSUPPORTED', offsetOf(other.keyNode), {
      feature: given.length > 1 ? 'A range as condition of a correlation' : `The correlation condition "${other.key}"`,
      expected: 'gt or gte alone',
      instead: 'An alert is raised as soon as the count is reached: write gte: number.',
    });
  }
  const [entry] = given;
  if (!entry) return Number(condition.required('gte', 'gte: number'));
  const value = isScalar(entry.value) ? entry.value.value : undefined;
  const atLeast = typeof value === 'number' && Number.isInteger(value) ? value + (entry.key === 'gt' ? 1 : 0) : 0;
  const { min, max } =
    type === 'temporal_ordered' ? { min: ruleCount, max: ruleCount } : temporal ? { min: 1, max: ruleCount } : COUNT;
  if (atLeast >= min && atLeast <= max) return atLeast;
  throw new Refusal('SIGMA_VALUE', offsetOf(entry.value), {
    attribute: condition.name(entry.key),
    value: String(value),
    expected:
      min === max ? `a whole number that means ${min}, all its rules` : `a whole number that means ${min} to ${max}`,
    instead: temporal
      ? 'The number of rules that must be seen.'
      : 'To alert on every match, use the rule without a correlation.',
  });
}
