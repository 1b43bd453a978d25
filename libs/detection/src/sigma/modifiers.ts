import { Refusal } from './refusal.js';
import { didYouMean } from './suggest.js';

const KINDS = [
  'contains',
  'startswith',
  'endswith',
  're',
  'cidr',
  'exists',
  'gt',
  'gte',
  'lt',
  'lte',
  'fieldref',
] as const;

/** How the values of one field are compared; the kinds exclude each other. */
export type TestKind = 'equals' | (typeof KINDS)[number];

export interface Modifiers {
  kind: TestKind;
  /** All values must be found, instead of one of them. */
  all: boolean;
  cased: boolean;
  /** The outcome is turned round. */
  neq: boolean;
  /** Flags of a regular expression. */
  flags: { i: boolean; m: boolean; s: boolean };
}

const OTHERS = ['all', 'cased', 'neq', 'i', 'm', 's'] as const;
const SUPPORTED: readonly string[] = [...KINDS, ...OTHERS];

/** Sigma's modifiers that are not here yet, and what serves instead. */
const UNSUPPORTED: Record<string, string> = {
  windash: 'List the spellings of the flag: "-x" and "/x".',
  base64: 'Give the encoded text as value.',
  base64offset: 'List the three encoded texts as values.',
  utf16le: 'Give the encoded text as value.',
  utf16be: 'Give the encoded text as value.',
  utf16: 'Give the encoded text as value.',
  wide: 'Give the encoded text as value.',
  expand: 'Write the values in place of the placeholder.',
  minute: 'Compare a field that holds the number.',
  hour: 'Compare a field that holds the number.',
  day: 'Compare a field that holds the number.',
  week: 'Compare a field that holds the number.',
  month: 'Compare a field that holds the number.',
  year: 'Compare a field that holds the number.',
};

/** Which modifiers may stand beside a kind. */
const ALLOWED: Record<TestKind, readonly string[]> = {
  equals: ['all', 'cased', 'neq'],
  contains: ['all', 'cased', 'neq'],
  startswith: ['all', 'cased', 'neq'],
  endswith: ['all', 'cased', 'neq'],
  re: ['all', 'neq', 'i', 'm', 's'],
  cidr: ['all', 'neq'],
  exists: [],
  gt: [],
  gte: [],
  lt: [],
  lte: [],
  fieldref: ['cased', 'neq'],
};

/**
 * Reads `contains|all` of `field|contains|all`. `offsetOfModifier` tells where the modifier of that number stands in
 * the file, for refusals.
 */
export function readModifiers(names: string[], offsetOfModifier: (index: number) => number): Modifiers {
  const kinds = names.filter((name): name is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(name));
  const kind = kinds[0] ?? 'equals';
  names.forEach((name, index) => {
    const at = offsetOfModifier(index);
    refuseUnknown(name, at);
    const reason = misuse(names, index, kind);
    if (reason === undefined) return;
    const allowed = ALLOWED[kind];
    throw new Refusal('SIGMA_MODIFIER_USE', at, {
      modifier: name,
      reason,
      expected: allowed.length > 0 ? `${kind} alone or with ${allowed.join(', ')}` : `${kind} alone`,
      instead: name === 'i' || name === 'm' || name === 's' ? 'Write it after re: "field|re|i".' : 'Remove it.',
    });
  });
  return {
    kind,
    all: names.includes('all'),
    cased: names.includes('cased'),
    neq: names.includes('neq'),
    flags: { i: names.includes('i'), m: names.includes('m'), s: names.includes('s') },
  };
}

function refuseUnknown(name: string, at: number): void {
  if (SUPPORTED.includes(name)) return;
  const instead = UNSUPPORTED[name];
  if (instead !== undefined) {
    const expected = `one of ${SUPPORTED.join(', ')}`;
    throw new Refusal('SIGMA_UNSUPPORTED', at, { feature: `The modifier "${name}"`, expected, instead });
  }
  throw new Refusal('SIGMA_UNKNOWN_MODIFIER', at, {
    modifier: name,
    expected: SUPPORTED.join(', '),
    instead: didYouMean(name, [...SUPPORTED, ...Object.keys(UNSUPPORTED)], 'Remove it, or use one of those.'),
  });
}

function misuse(names: string[], index: number, kind: TestKind): string | undefined {
  const name = names[index] as string;
  if (names.indexOf(name) !== index) return 'it stands twice';
  if (name === kind || ALLOWED[kind].includes(name)) return undefined;
  return `it does not go with ${kind}`;
}
