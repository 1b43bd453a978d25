import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { type Entry, entriesOf, kindOf, offsetInText, offsetOf, typeRefusal } from './attributes.js';
import type { Expression } from './expression.js';
import { type Modifiers, readModifiers } from './modifiers.js';
import { type Piece, patternTest, readPattern } from './pattern.js';
import { Refusal } from './refusal.js';
import { cidrTest, compareTest, regexTest, type ValueTest } from './value-test.js';

/** Limits per value; 8,192 is the longest command line Windows takes, and no public rule comes near the others. */
const LIMITS = { valueCharacters: 8_192, regexCharacters: 2_048, values: 20_000 };

/** Turns the name of a field as the rule writes it into the one events have; throws a Refusal for unknown ones. */
export type FieldName = (name: string, offset: number) => string;

/** A selection: a map (AND), a list of maps (OR), or a list of values, which are keywords (OR). */
export function readSelection(name: string, node: Node, fieldName: FieldName): Expression {
  if (isMap(node)) return readMap(entriesOf(node), node, name, fieldName);
  if (!isSeq(node) || node.items.length === 0) {
    const actual = isSeq(node) ? 'an empty list' : kindOf(node);
    throw typeRefusal(
      offsetOf(node),
      name,
      actual,
      'a map, a list of maps or a list of keywords',
      'Keywords stand in a list: one line "- word" for each.',
    );
  }
  const items = node.items as Node[];
  refuseTooMany(items.length, node);
  const maps = items.filter(isMap).map((item) => readMap(entriesOf(item), item, name, fieldName));
  const words = items.filter((item) => !isMap(item));
  if (words.length === 0) return { type: 'or', of: maps };
  const plain = readModifiers([], () => 0);
  return { type: 'or', of: [...maps, { type: 'keywords', tests: keywordTests(words, name, plain), all: false }] };
}

function readMap(entries: Entry[], node: Node, name: string, fieldName: FieldName): Expression {
  if (entries.length === 0) throw typeRefusal(offsetOf(node), name, 'an empty map', 'at least one field');
  return { type: 'and', of: entries.map((entry) => readItem(entry, fieldName)) };
}

/** `field|modifier|…: value or list of values`; without a field, keywords. */
function readItem({ key, keyNode, value }: Entry, fieldName: FieldName): Expression {
  const [written = '', ...names] = key.split('|');
  const starts = names.map((_, index) => [written, ...names.slice(0, index)].join('|').length + 1);
  const modifiers = readModifiers(names, (index) => offsetInText(keyNode, starts[index] as number));
  const values = isSeq(value) ? (value.items as Node[]) : [value];
  if (values.length === 0) throw typeRefusal(offsetOf(value), key, 'an empty list', 'at least one value');
  refuseTooMany(values.length, value);
  if (modifiers.all && values.length === 1) refuseSingleAll(keyNode, starts[names.indexOf('all')] as number);
  if (written === '') return readKeywords(values, key, keyNode, modifiers);
  const field = fieldName(written, offsetOf(keyNode));
  const expression = readField(field, values, key, modifiers, fieldName);
  return modifiers.neq ? { type: 'not', of: expression } : expression;
}

function readField(field: string, values: Node[], key: string, modifiers: Modifiers, fieldName: FieldName): Expression {
  const [first] = values as [Node];
  if (modifiers.kind === 'exists') return readExists(field, first, values.length, key);
  if (modifiers.kind === 'fieldref') {
    const of = values.map((node): Expression => {
      const other = fieldName(textOf(scalarOf(node, key)), offsetOf(node));
      return { type: 'same', field, other, cased: modifiers.cased };
    });
    return { type: 'or', of };
  }
  const isNull = (node: Node) => isScalar(node) && node.value === null;
  const nullNode = values.find(isNull);
  if (nullNode === undefined) {
    return { type: 'field', field, tests: values.map((node) => valueTest(node, key, modifiers)), all: modifiers.all };
  }
  if (values.length > 1) {
    throw typeRefusal(
      offsetOf(nullNode),
      key,
      'a list with null',
      'null by itself',
      'Make a selection "field: null" of its own and join both with "or" in the condition.',
    );
  }
  if (modifiers.kind !== 'equals') throw typeRefusal(offsetOf(nullNode), key, 'null', 'a value to compare with');
  return { type: 'null', field };
}

function readExists(field: string, node: Node, count: number, key: string): Expression {
  if (count !== 1 || !isScalar(node) || typeof node.value !== 'boolean') {
    throw typeRefusal(
      offsetOf(node),
      key,
      count === 1 ? kindOf(node) : 'a list',
      'true or false',
      'Write true or false.',
    );
  }
  return node.value ? { type: 'exists', field } : { type: 'not', of: { type: 'exists', field } };
}

function readKeywords(values: Node[], key: string, keyNode: Node, modifiers: Modifiers): Expression {
  if (modifiers.neq || ['exists', 'cidr', 'fieldref', 'gt', 'gte', 'lt', 'lte'].includes(modifiers.kind)) {
    throw new Refusal('SIGMA_MODIFIER_USE', offsetOf(keyNode), {
      modifier: key,
      reason: 'keywords have no field',
      expected: 'all, re, cased, contains, startswith or endswith',
      instead: 'Put the field before the first |.',
    });
  }
  return { type: 'keywords', tests: keywordTests(values, key, modifiers), all: modifiers.all };
}

/** A keyword is searched anywhere in a text, unless a modifier says where. */
function keywordTests(values: Node[], name: string, modifiers: Modifiers): ValueTest[] {
  const kind = modifiers.kind === 'equals' ? 'contains' : modifiers.kind;
  return values.map((node) => valueTest(node, name, { ...modifiers, kind }));
}

function valueTest(node: Node, key: string, { kind, cased, flags }: Modifiers): ValueTest {
  const scalar = scalarOf(node, key);
  const text = textOf(scalar);
  const at = offsetOf(node);
  refuseTooLong(text, kind === 're' ? LIMITS.regexCharacters : LIMITS.valueCharacters, at);
  const pattern = (before: Piece[], after: Piece[]) =>
    patternTest(joinRuns([...before, ...readPattern(text), ...after]), cased);
  switch (kind) {
    case 're':
      return refusing(
        () => regexTest(text, flags),
        (reason) => new Refusal('SIGMA_REGEX', at, { reason }),
      );
    case 'cidr':
      return refusing(
        () => cidrTest(text),
        () => badValue(at, key, text, 'a network like 198.51.100.0/24 or 2001:db8::/32'),
      );
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      if (typeof scalar.value === 'number' && Number.isFinite(scalar.value)) return compareTest(kind, scalar.value);
      throw badValue(at, key, text, 'a number');
    case 'contains':
      return pattern(['run'], ['run']);
    case 'startswith':
      return pattern([], ['run']);
    case 'endswith':
      return pattern(['run'], []);
    default:
      return pattern([], []);
  }
}

function joinRuns(pieces: Piece[]): Piece[] {
  return pieces.filter((piece, i) => piece !== 'run' || pieces[i - 1] !== 'run');
}

function scalarOf(node: Node, key: string): Scalar {
  if (isScalar(node) && node.value !== null) return node;
  const actual = isScalar(node) ? 'null' : kindOf(node);
  throw typeRefusal(offsetOf(node), key, actual, 'a text, a number, true or false');
}

/** A value as text: decimal numbers as they are written, since 1.10 is not 1.1 in a version. */
function textOf(scalar: Scalar): string {
  const { value, source } = scalar;
  if (typeof value === 'number' && source !== undefined && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(source)) return source;
  return String(value);
}

function refusing<T>(read: () => T, refusal: (reason: string) => Refusal): T {
  try {
    return read();
  } catch (error) {
    throw refusal(error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error));
  }
}

function badValue(at: number, attribute: string, value: string, expected: string): Refusal {
  return new Refusal('SIGMA_VALUE', at, { attribute, value, expected, instead: `Write ${expected}.` });
}

function refuseTooLong(text: string, limit: number, at: number): void {
  if (text.length <= limit) return;
  throw new Refusal('SIGMA_LIMIT', at, {
    what: `A value of ${text.length} characters`,
    limit: String(limit),
    instead: 'Keep the part that makes the difference.',
  });
}

function refuseTooMany(count: number, node: Node): void {
  if (count <= LIMITS.values) return;
  throw new Refusal('SIGMA_LIMIT', offsetOf(node), {
    what: `${count} values in a list`,
    limit: String(LIMITS.values),
    instead: 'Split the rule.',
  });
}

function refuseSingleAll(keyNode: Node, start: number): never {
  throw new Refusal('SIGMA_MODIFIER_USE', offsetInText(keyNode, start), {
    modifier: 'all',
    reason: 'there is only one value',
    expected: 'a list of at least two values',
    instead: 'Remove |all, or give the values as a list.',
  });
}
