import { isScalar, type Node } from 'yaml';
import { Attributes, kindOf, offsetOf, typeRefusal } from './attributes.js';
import { Refusal } from './refusal.js';
import type { CorrelationType } from './rule.js';
import type { FieldName } from './selection.js';

/** One name of `aliases` before its rules are resolved. */
export interface AliasDraft {
  name: string;
  offset: number;
  fields: { rule: string; offset: number; field: string }[];
}

/**
 * Sigma's `aliases`: name -> {rule: field}. For temporal types only: what is counted is forgiven by fields that a success
 * has as well, and a success matches no rule that would tell its fields.
 */
export function readAliases(section: Attributes, type: CorrelationType, fieldName: FieldName): AliasDraft[] {
  const entry = section.entries.get('aliases');
  if (!entry) return [];
  if (type !== 'temporal' && type !== 'temporal_ordered') {
    throw new Refusal('SIGMA_UNSUPPORTED', offsetOf(entry.keyNode), {
      feature: `"aliases" in a correlation of type "${type}"`,
      expected: 'group-by fields that all its rules share',
      instead: 'Group by the ECS field, such as source.ip, which events of all sources have.',
    });
  }
  const aliases = new Attributes(entry.value, section.name('aliases'));
  return [...aliases.entries.values()].map(({ key: name, keyNode, value }) => {
    const rules = new Attributes(value, aliases.name(name));
    const fields = [...rules.entries.values()].map((one) => {
      const field = textOf(one.value, rules.name(one.key));
      return { rule: one.key, offset: offsetOf(one.keyNode), field: fieldName(field, offsetOf(one.value)) };
    });
    return { name, offset: offsetOf(keyNode), fields };
  });
}

function textOf(node: Node, attribute: string): string {
  if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
  throw typeRefusal(offsetOf(node), attribute, kindOf(node), 'the name of a field');
}
