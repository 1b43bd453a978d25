import { isScalar, type Node } from 'yaml';
import { type Attributes, offsetOf, typeRefusal } from './attributes.js';
import type { Mapping } from './mapping.js';
import { Refusal } from './refusal.js';
import type { Level } from './rule.js';
import type { FieldName } from './selection.js';

export const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];
const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;

/** What rules and correlations have in common. */
export interface Header {
  title: string;
  level: Level;
  tags: string[];
  description?: string;
  status?: string;
  falsepositives?: string[];
}

/** Reads the descriptive attributes. A rule without level is `low`: notable, rarely an incident. */
export function readHeader(attributes: Attributes): Header {
  const title = attributes.requiredText('title');
  if (title.length > 256) {
    throw new Refusal('SIGMA_LIMIT', offsetOf(attributes.find('title') as Node), {
      what: `A title of ${title.length} characters`,
      limit: '256',
      instead: 'Put the details into the description.',
    });
  }
  const status = attributes.oneOf('status', STATUSES);
  const description = attributes.text('description');
  const falsepositives = attributes.texts('falsepositives');
  return {
    title,
    level: attributes.oneOf('level', LEVELS) ?? 'low',
    tags: readTags(attributes),
    ...(description !== undefined && { description }),
    ...(status !== undefined && { status }),
    ...(falsepositives !== undefined && { falsepositives }),
  };
}

/** The mapping for the document's taxonomy. */
export function readTaxonomy(attributes: Attributes, at: number, mappings: readonly Mapping[]): Mapping {
  const taxonomy = attributes.text('taxonomy') ?? 'sigma';
  const mapping = mappings.find((candidate) => candidate.taxonomy === taxonomy);
  if (mapping) return mapping;
  const node = attributes.find('taxonomy');
  throw new Refusal('SIGMA_TAXONOMY', node ? offsetOf(node) : at, {
    taxonomy,
    expected: mappings.map((candidate) => candidate.taxonomy).join(', '),
  });
}

export function fieldNameBy(mapping: Mapping): FieldName {
  return (field, offset) => {
    const name = mapping.fieldName(field);
    if (name !== undefined) return name;
    throw new Refusal('SIGMA_FIELD', offset, { field, taxonomy: mapping.taxonomy });
  };
}

/** The texts of a list with their places. */
export function placedTexts(node: Node, items: readonly Node[], name: string): { text: string; offset: number }[] {
  if (items.length === 0) throw typeRefusal(offsetOf(node), name, 'an empty list', 'at least one value');
  return items.map((item) => {
    if (!isScalar(item) || typeof item.value !== 'string' || item.value === '') {
      throw typeRefusal(offsetOf(item), name, 'no text', 'a list of texts');
    }
    return { text: item.value, offset: offsetOf(item) };
  });
}

function readTags(attributes: Attributes): string[] {
  const tags = attributes.texts('tags') ?? [];
  const wrong = tags.find((tag) => !TAG.test(tag));
  if (wrong === undefined) return tags;
  throw new Refusal('SIGMA_VALUE', offsetOf(attributes.find('tags') as Node), {
    attribute: 'tags',
    value: wrong,
    expected: 'lower-case tags with a namespace',
    instead: 'Example: attack.t1110.001',
  });
}
