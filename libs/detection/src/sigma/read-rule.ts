import { isScalar, isSeq, type Node } from 'yaml';
import { Attributes, kindOf, offsetInText, offsetOf, typeRefusal } from './attributes.js';
import { readCondition } from './condition.js';
import { explainerOf, type WrittenDetection } from './explain.js';
import { compile, type Expression, requirementsOf } from './expression.js';
import { fold } from './fold.js';
import type { Mapping } from './mapping.js';
import { fieldNameBy, readHeader, readTaxonomy } from './read-header.js';
import { Refusal, type Refusals } from './refusal.js';
import type { Logsource, Rule } from './rule.js';
import { type FieldName, readSelection } from './selection.js';

/** A rule before it is known who refers to it. */
export type RuleDraft = Omit<Rule, 'generate' | 'file'>;

/** Reads a document with a `detection`. Undefined when something was refused, which is then in `refusals`. */
export function readRule(
  attributes: Attributes,
  names: { name: string; id: string | undefined },
  mappings: readonly Mapping[],
  refusals: Refusals,
): RuleDraft | undefined {
  const header = refusals.attempt(() => readHeader(attributes));
  const detection = attributes.find('detection') as Node;
  const mapping = refusals.attempt(() => readTaxonomy(attributes, offsetOf(detection), mappings));
  if (!mapping) return undefined;
  const logsource = refusals.attempt(() => readLogsource(attributes, mapping));
  const written = refusals.attempt(() => readDetection(detection, fieldNameBy(mapping), refusals));
  if (!header || !logsource || !written || refusals.list.length > 0) return undefined;
  const whole: Expression = { type: 'and', of: [...logsource.clauses, written.expression] };
  return {
    ...header,
    name: names.name,
    id: names.id ?? names.name,
    logsource: logsource.logsource,
    matches: compile(whole),
    conditions: written.conditions,
    explain: explainerOf(logsource.clauses, written),
    requires: requirementsOf(whole),
  };
}

function readLogsource(attributes: Attributes, mapping: Mapping): { logsource: Logsource; clauses: Expression[] } {
  const node = attributes.required('logsource', 'category, product or service');
  const parts = new Attributes(node, 'logsource');
  const logsource: Logsource = {};
  for (const key of ['category', 'product', 'service'] as const) {
    const value = parts.text(key);
    if (value !== undefined) logsource[key] = value;
  }
  if (Object.keys(logsource).length === 0) {
    throw typeRefusal(offsetOf(node), 'logsource', 'without any of them', 'category, product or service');
  }
  const mapped = mapping.logsource(logsource);
  if ('expected' in mapped) {
    const text = Object.entries(logsource).map(([key, value]) => `${key}: ${value}`);
    throw new Refusal('SIGMA_LOGSOURCE', offsetOf(node), { logsource: text.join(', '), ...mapped });
  }
  const clauses = Object.entries(mapped.fields).map(([field, value]): Expression => {
    const equals = fold(value);
    return { type: 'field', field, tests: [{ folds: true, equals, test: (text) => text === equals }], all: false };
  });
  return { logsource, clauses };
}

function readDetection(node: Node, fieldName: FieldName, refusals: Refusals): WrittenDetection {
  const detection = new Attributes(node, 'detection');
  const condition = detection.required('condition', 'a condition over the selections');
  const selections = new Map<string, Expression>();
  const written: WrittenDetection['selections'] = [];
  for (const { key, keyNode, value } of detection.entries.values()) {
    if (key === 'condition') continue;
    if (key === 'timeframe') throw legacyTimeframe(offsetOf(keyNode));
    const selection = refusals.attempt(() => readSelection(key, value, fieldName));
    // A refused selection keeps its name, so that the condition is not blamed for it.
    selections.set(key, selection ?? { type: 'or', of: [] });
    if (selection) written.push({ name: key, expression: selection, node: value });
  }
  const texts = isSeq(condition) ? (condition.items as Node[]) : [condition];
  if (texts.length === 0)
    throw typeRefusal(offsetOf(condition), 'condition', 'an empty list', 'at least one condition');
  const conditions: string[] = [];
  const of = texts.map((text) => {
    if (!isScalar(text) || typeof text.value !== 'string') {
      throw typeRefusal(offsetOf(text), 'condition', kindOf(text), 'a text');
    }
    conditions.push(text.value);
    return readCondition(text.value, selections, (index) => offsetInText(text, index));
  });
  const expression: Expression = of.length === 1 ? (of[0] as Expression) : { type: 'or', of };
  return { expression, selections: written, conditions };
}

function legacyTimeframe(at: number): Refusal {
  return new Refusal('SIGMA_UNSUPPORTED', at, {
    feature: '"timeframe" in a detection',
    expected: 'selections and a condition',
    instead: 'Sigma dropped it; write a correlation with a timespan in its place.',
  });
}
