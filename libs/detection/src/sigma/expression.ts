import type { FieldValue, FleetEvent } from '@fleetwall/core';
import { fold } from './fold.js';
import type { Requirement } from './rule.js';
import type { ValueTest } from './value-test.js';

/** What a detection asks of an event: the tree between the YAML and the compiled function. */
export type Expression =
  | { type: 'and' | 'or'; of: Expression[] }
  | { type: 'not'; of: Expression }
  /** At least `count` of them hold. */
  | { type: 'atLeast'; count: number; of: Expression[] }
  /** Some element of the field passes one of the tests; with `all`, for every test there is such an element. */
  | { type: 'field'; field: string; tests: ValueTest[]; all: boolean }
  /** The same over every text of the event. */
  | { type: 'keywords'; tests: ValueTest[]; all: boolean }
  | { type: 'null'; field: string }
  | { type: 'exists'; field: string }
  /** Some element of one field equals some element of the other. */
  | { type: 'same'; field: string; other: string; cased: boolean };

export type EventTest = (event: FleetEvent) => boolean;

type TextTest = (text: string) => boolean;

export function compile(expression: Expression): EventTest {
  switch (expression.type) {
    case 'and':
      return allOf(expression.of.map(compile));
    case 'or':
      return anyOf(expression.of.map(compile));
    case 'not': {
      const test = compile(expression.of);
      return (event) => !test(event);
    }
    case 'atLeast':
      return someOf(expression.count, expression.of.map(compile));
    case 'field': {
      const { field } = expression;
      const tests = textTests(expression.tests, expression.all);
      return (event) => passesAll(event[field], tests);
    }
    case 'keywords':
      return keywords(textTests(expression.tests, expression.all));
    case 'null': {
      const { field } = expression;
      return (event) => event[field] === undefined || event[field] === null;
    }
    case 'exists': {
      const { field } = expression;
      return (event) => event[field] !== undefined;
    }
    case 'same':
      return same(expression.field, expression.other, expression.cased);
  }
}

/**
 * Clauses that hold for every event the expression is true for: plain comparisons on the path of ANDs, and what all
 * branches of an OR ask of the same field.
 */
export function requirementsOf(expression: Expression): Requirement[] {
  switch (expression.type) {
    case 'field':
      return fieldRequirements(expression);
    case 'and':
      return expression.of.flatMap(requirementsOf);
    case 'or':
      return common(expression.of.map(requirementsOf));
    case 'atLeast':
      return expression.count === expression.of.length
        ? expression.of.flatMap(requirementsOf)
        : common(expression.of.map(requirementsOf));
    default:
      return [];
  }
}

function fieldRequirements({ field, tests, all }: Extract<Expression, { type: 'field' }>): Requirement[] {
  if (!all) {
    const values = tests.map((test) => test.equals);
    return values.every((value) => value !== undefined) ? [{ field, values: new Set(values) }] : [];
  }
  return tests.flatMap(({ equals }) => (equals === undefined ? [] : [{ field, values: new Set([equals]) }]));
}

function common(branches: Requirement[][]): Requirement[] {
  const [first = [], ...others] = branches;
  return first.flatMap(({ field, values }) => {
    const union = new Set(values);
    for (const other of others) {
      const same = other.find((requirement) => requirement.field === field);
      if (!same) return [];
      for (const value of same.values) union.add(value);
    }
    return [{ field, values: union }];
  });
}

function allOf(tests: EventTest[]): EventTest {
  const [a, b] = tests;
  if (tests.length === 1 && a) return a;
  if (tests.length === 2 && a && b) return (event) => a(event) && b(event);
  return (event) => {
    for (const test of tests) if (!test(event)) return false;
    return true;
  };
}

function anyOf(tests: EventTest[]): EventTest {
  const [a, b] = tests;
  if (tests.length === 1 && a) return a;
  if (tests.length === 2 && a && b) return (event) => a(event) || b(event);
  return (event) => {
    for (const test of tests) if (test(event)) return true;
    return false;
  };
}

function someOf(count: number, tests: EventTest[]): EventTest {
  return (event) => {
    let missing = count;
    for (const test of tests) if (test(event) && --missing === 0) return true;
    return false;
  };
}

/** The tests an event must pass, each by one text: all of them, or the alternatives joined to one. */
function textTests(tests: ValueTest[], all: boolean): TextTest[] {
  if (all) return tests.map((test) => joined([test]));
  return [joined(tests)];
}

/** Plain comparisons become one set; the text is folded once for all. */
function joined(tests: ValueTest[]): TextTest {
  const [only] = tests;
  if (tests.length === 1 && only) return only.folds ? (text) => only.test(fold(text)) : (text) => only.test(text);
  const equal = new Set(tests.flatMap(({ equals }) => equals ?? []));
  const folding = tests.filter((test) => test.folds && test.equals === undefined);
  const exact = tests.filter((test) => !test.folds);
  const folds = equal.size > 0 || folding.length > 0;
  return (text) => {
    const folded = folds ? fold(text) : text;
    if (equal.has(folded)) return true;
    for (const { test } of folding) if (test(folded)) return true;
    for (const { test } of exact) if (test(text)) return true;
    return false;
  };
}

function passesAll(value: FieldValue, tests: TextTest[]): boolean {
  if (value === undefined || value === null) return false;
  for (const test of tests) if (!passes(value, test)) return false;
  return true;
}

function passes(value: Exclude<FieldValue, undefined>, test: TextTest): boolean {
  if (typeof value === 'string') return test(value);
  if (!Array.isArray(value)) return test(String(value));
  for (const element of value) if (test(String(element))) return true;
  return false;
}

function keywords(tests: TextTest[]): EventTest {
  return (event) => tests.every((test) => someText(event, test));
}

/** Texts only: times and numbers that Fleetwall adds are in no log. */
function someText(event: FleetEvent, test: TextTest): boolean {
  for (const field in event) {
    const value = event[field];
    if (typeof value === 'string' ? test(value) : Array.isArray(value) && passes(value, test)) return true;
  }
  return false;
}

function same(field: string, other: string, cased: boolean): EventTest {
  const form = cased ? (text: string) => text : fold;
  return (event) => {
    const value = event[field];
    if (value === undefined || value === null) return false;
    const forms = new Set((Array.isArray(value) ? value : [value]).map((element) => form(String(element))));
    const counterpart = event[other];
    return counterpart !== undefined && counterpart !== null && passes(counterpart, (text) => forms.has(form(text)));
  };
}
