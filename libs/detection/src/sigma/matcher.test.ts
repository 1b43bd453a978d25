import type { FieldValue, FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadRules, Matcher, type Rule } from './index.js';

/*
 * The oracle: random detections are evaluated directly, value by value with a regular expression each, without the
 * compiler, the sets and the index.
 */
type Item = { key: string; values: (string | number | null | boolean)[] };
type Selection = { maps: Item[][] } | { keywords: string[] };
type Condition =
  | { type: 'name'; name: string }
  | { type: 'of'; count: number | 'all'; pattern: string }
  | { type: 'not'; of: Condition }
  | { type: 'and' | 'or'; left: Condition; right: Condition };
interface Detection {
  selections: Record<string, Selection>;
  condition: Condition;
}
type Event = Record<string, FieldValue>;

const FIELDS = ['a', 'b', 'c'];
const NAMES = ['s', 't', 'x_1', 'x_2'];

const word = fc.array(fc.constantFrom('p', 'Q', '7', '*', '?', '\\'), { maxLength: 3 }).map((parts) => parts.join(''));
const value = fc.oneof(word, fc.constantFrom<string | number>('p', 'q', 7, 77));
const modifiers = fc.constantFrom('', '|contains', '|startswith', '|endswith', '|cased', '|neq', '|contains|cased');
const field = fc.constantFrom(...FIELDS);

const item: fc.Arbitrary<Item> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(field, modifiers, fc.array(value, { minLength: 1, maxLength: 3 }))
      .map(([name, modifier, values]) => ({ key: name + modifier, values })),
  },
  fc
    .tuple(field, fc.array(value, { minLength: 2, maxLength: 3 }))
    .map(([name, values]) => ({ key: `${name}|all`, values })),
  field.map((name) => ({ key: name, values: [null] })),
  fc.tuple(field, fc.boolean()).map(([name, there]) => ({ key: `${name}|exists`, values: [there] })),
);
const map = fc.uniqueArray(item, { minLength: 1, maxLength: 3, selector: ({ key }) => key });
const selection: fc.Arbitrary<Selection> = fc.oneof(
  { weight: 5, arbitrary: fc.array(map, { minLength: 1, maxLength: 3 }).map((maps) => ({ maps })) },
  fc
    .array(
      word.filter((text) => text !== ''),
      { minLength: 1, maxLength: 2 },
    )
    .map((keywords) => ({ keywords })),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...NAMES).map((name): Condition => ({ type: 'name', name })),
    fc.constantFrom<Condition>(
      { type: 'of', count: 1, pattern: 'x_*' },
      { type: 'of', count: 'all', pattern: 'x_*' },
      { type: 'of', count: 2, pattern: 'them' },
    ),
    tie('condition').map((of): Condition => ({ type: 'not', of })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), tie('condition'), tie('condition'))
      .map(([type, left, right]): Condition => ({ type, left, right })),
  ),
}));
const detection: fc.Arbitrary<Detection> = fc
  .tuple(fc.tuple(selection, selection, selection, selection), condition)
  .map(([all, root]) => ({
    selections: Object.fromEntries(NAMES.map((name, i) => [name, all[i] as Selection])),
    condition: root,
  }));

const text = fc
  .array(fc.constantFrom('p', 'q', 'P', 'Q', '7', '*', '\\'), { maxLength: 4 })
  .map((parts) => parts.join(''));
const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.constantFrom<FieldValue>('p', 'q', 7, 77, undefined),
  fc.array(text, { maxLength: 2 }),
);
const event: fc.Arbitrary<Event> = fc.record({ a: fieldValue, b: fieldValue, c: fieldValue });

/** The condition as text, with only the parentheses that its binding needs. */
function conditionText(node: Condition, binding = 0): string {
  switch (node.type) {
    case 'name':
      return node.name;
    case 'of':
      return `${node.count} of ${node.pattern}`;
    case 'not':
      return `not ${conditionText(node.of, 3)}`;
    default: {
      const own = node.type === 'or' ? 1 : 2;
      const written = `${conditionText(node.left, own)} ${node.type} ${conditionText(node.right, own)}`;
      return own < binding ? `(${written})` : written;
    }
  }
}

function ruleOf(detections: Detection[]): Rule[] {
  const files = detections.map(({ selections, condition: root }, index) => {
    const body: Record<string, unknown> = { condition: conditionText(root) };
    for (const [name, chosen] of Object.entries(selections)) {
      body[name] =
        'keywords' in chosen
          ? chosen.keywords
          : chosen.maps.map((items) =>
              Object.fromEntries(items.map(({ key, values }) => [key, values.length === 1 ? values[0] : values])),
            );
    }
    const document = { title: 'T', taxonomy: 'ecs', logsource: { category: 'web' }, detection: body };
    return { path: `r${index}.yml`, text: JSON.stringify(document) };
  });
  const { rules, problems } = loadRules(files);
  expect(problems).toEqual([]);
  return rules;
}

function evaluate({ selections, condition: root }: Detection, subject: Event): boolean {
  const holds = (node: Condition): boolean => {
    switch (node.type) {
      case 'name':
        return selects(selections[node.name] as Selection, subject);
      case 'of': {
        const names = NAMES.filter((name) => node.pattern === 'them' || name.startsWith('x_'));
        const found = names.filter((name) => selects(selections[name] as Selection, subject)).length;
        return found >= (node.count === 'all' ? names.length : node.count);
      }
      case 'not':
        return !holds(node.of);
      default:
        return node.type === 'and' ? holds(node.left) && holds(node.right) : holds(node.left) || holds(node.right);
    }
  };
  return holds(root);
}

function selects(chosen: Selection, subject: Event): boolean {
  if ('maps' in chosen) return chosen.maps.some((items) => items.every((one) => itemHolds(one, subject)));
  const texts = ['web', ...Object.values(subject).flat()].filter((element) => typeof element === 'string');
  return chosen.keywords.some((keyword) => texts.some((element) => valueHolds(keyword, 'contains', false, element)));
}

function itemHolds({ key, values }: Item, subject: Event): boolean {
  const [name = '', ...names] = key.split('|');
  const present = subject[name];
  if (names.includes('exists')) return (present !== undefined) === values[0];
  if (values[0] === null) return present === undefined;
  const elements = present === undefined ? [] : Array.isArray(present) ? present : [String(present)];
  const kind = names.find((modifier) => modifier.endsWith('with') || modifier === 'contains') ?? '';
  const found = (wanted: Item['values'][number]) =>
    elements.some((element) => valueHolds(String(wanted), kind, names.includes('cased'), element));
  const holds = names.includes('all') ? values.every(found) : values.some(found);
  return names.includes('neq') ? !holds : holds;
}

function valueHolds(pattern: string, kind: string, cased: boolean, element: string): boolean {
  const source = pattern.replace(/\\([\\*?])|([*?])|(.)/gs, (_all, escaped, wild, plain) =>
    wild ? (wild === '*' ? '[^]*' : '[^]') : ((escaped ?? plain) as string).replace(/[\\*?]/, '\\$&'),
  );
  const before = kind === 'contains' || kind === 'endswith' ? '[^]*' : '';
  const after = kind === 'contains' || kind === 'startswith' ? '[^]*' : '';
  return new RegExp(`^${before}${source}${after}$`, cased ? '' : 'i').test(element);
}

const asEvent = (subject: Event) => ({ ...subject, 'event.category': ['web'] }) as unknown as FleetEvent;

describe('a compiled rule', () => {
  it('equals the direct evaluation of its detection, for random rules and events', () => {
    let matched = 0;
    let total = 0;
    fc.assert(
      fc.property(detection, fc.array(event, { minLength: 5, maxLength: 10 }), (random, events) => {
        const [rule] = ruleOf([random]);
        for (const subject of events) {
          const expected = evaluate(random, subject);
          total++;
          if (expected) matched++;
          expect(rule?.matches(asEvent(subject))).toBe(expected);
        }
      }),
      { numRuns: 400 },
    );
    // Both outcomes are well represented, or the property would say little.
    expect(matched / total).toBeGreaterThan(0.1);
    expect(matched / total).toBeLessThan(0.9);
  });
});

describe('Matcher', () => {
  /** Rules that require plain values, as most real ones do. */
  const plain: fc.Arbitrary<Detection> = fc
    .tuple(
      detection,
      fc.array(fc.tuple(field, fc.array(fc.constantFrom('p', 'Q', '7'), { minLength: 1, maxLength: 2 })), {
        minLength: 1,
        maxLength: 2,
      }),
    )
    .map(([random, clauses]) => {
      const items = [...new Map(clauses)].map(([key, values]): Item => ({ key, values }));
      const selections = { ...random.selections, s: { maps: [items] } };
      return { selections, condition: { type: 'and', left: { type: 'name', name: 's' }, right: random.condition } };
    });

  it('finds what asking every rule finds, in the same order, for random sets and events', () => {
    let indexed = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(plain, detection), { minLength: 1, maxLength: 12 }),
        fc.array(event, { minLength: 5, maxLength: 20 }),
        (set, events) => {
          const rules = ruleOf(set);
          indexed += rules.filter(({ requires }) => requires.some(({ field: name }) => FIELDS.includes(name))).length;
          const matcher = new Matcher(rules);
          for (const subject of events) {
            const fleetEvent = asEvent(subject);
            expect(matcher.match(fleetEvent)).toEqual(rules.filter((rule) => rule.matches(fleetEvent)));
          }
        },
      ),
      { numRuns: 80 },
    );
    expect(indexed).toBeGreaterThan(100);
  });

  it('asks only the rules whose rarest clause the event fulfils', () => {
    const asked: string[] = [];
    const rule = (name: string, clauses: Record<string, string>): Rule =>
      ({
        name,
        requires: Object.entries(clauses).map(([name_, wanted]) => ({ field: name_, values: new Set([wanted]) })),
        matches: () => {
          asked.push(name);
          return true;
        },
      }) as unknown as Rule;
    const matcher = new Matcher([
      rule('failure', { 'event.category': 'authentication', 'event.outcome': 'failure' }),
      rule('success', { 'event.category': 'authentication', 'event.outcome': 'success' }),
      rule('always', {}),
    ]);
    const found = matcher.match({
      'event.category': ['authentication'],
      'event.outcome': 'SUCCESS',
    } as unknown as FleetEvent);
    expect(found.map(({ name }) => name)).toEqual(['success', 'always']);
    expect(asked.sort()).toEqual(['always', 'success']);
  });

  it('names a rule once when two elements of a list lead to it', () => {
    const text = '{title: T, taxonomy: ecs, logsource: {service: s}, detection: {s: {a: [p, q]}, condition: s}}';
    const other = text.replace('[p, q]', '[x, y]');
    const third = text.replace('[p, q]', '[v, w]');
    const { rules } = loadRules([text, other, third].map((written, i) => ({ path: `r${i}.yml`, text: written })));
    const event = { 'event.module': 's', a: ['p', 'q', 'P'] } as unknown as FleetEvent;
    expect(new Matcher(rules).match(event).map(({ name }) => name)).toEqual(['r0']);
  });
});
