import type { FieldValue, FleetEvent } from '@fleetwall/core';
import { isMap, isSeq, type Node } from 'yaml';
import { compile, type Expression } from './expression.js';

/** One line of a selection, and what an event has there. */
export interface ExplainedItem {
  /** As the rule writes it, modifiers included; empty for keywords, which are searched in every text. */
  field: string;
  /** As the rule writes it, in JSON. */
  wanted: string;
  /** What the event has, in JSON; absent: it has no such field. */
  actual?: string;
  holds: boolean;
}

/** It holds when one of its alternatives does, each of which holds when all of its items do. */
export interface ExplainedSelection {
  name: string;
  holds: boolean;
  alternatives: ExplainedItem[][];
}

/** Why a rule matches an event, or why not. */
export interface RuleExplanation {
  matches: boolean;
  /** What the log source asks for. */
  logsource: ExplainedItem[];
  selections: ExplainedSelection[];
  /** The rule matches when the log source fits and one of them holds. */
  conditions: string[];
}

/** A selection as it was read, and as it was written. */
export interface WrittenSelection {
  name: string;
  expression: Expression;
  node: Node;
}

export interface WrittenDetection {
  expression: Expression;
  selections: WrittenSelection[];
  conditions: string[];
}

const MAX_TEXT = 300;

/** @param clauses what the log source asks for, all of it */
export function explainerOf(clauses: readonly Expression[], detection: WrittenDetection) {
  const { expression, conditions } = detection;
  const selections = detection.selections.map(({ name, expression: read, node }) => {
    return { name, read, alternatives: alternativesOf(read, node) };
  });
  return (event: FleetEvent): RuleExplanation => {
    const logsource = clauses.map((clause) =>
      explained({ field: fieldOf(clause), wanted: valuesOf(clause) }, clause, event),
    );
    return {
      matches: logsource.every(({ holds }) => holds) && compile(expression)(event),
      logsource,
      selections: selections.map(({ name, read, alternatives }) => ({
        name,
        holds: compile(read)(event),
        alternatives: alternatives.map((items) =>
          items.map(({ expression: item, ...told }) => explained(told, item, event)),
        ),
      })),
      conditions,
    };
  };
}

interface Item {
  field: string;
  wanted: string;
  expression: Expression;
}

/** A map is one alternative, a list of maps has one for each; keywords are one item. */
function alternativesOf(expression: Expression, node: Node): Item[][] {
  if (isMap(node)) return [itemsOf(expression, node)];
  if (!isSeq(node) || expression.type !== 'or') return [];
  const nodes = node.items as Node[];
  const maps = nodes.filter(isMap).map((map, i) => itemsOf(expression.of[i] as Expression, map));
  const words = nodes.filter((item) => !isMap(item));
  const keywords = expression.of[maps.length];
  if (words.length === 0 || keywords === undefined) return maps;
  return [...maps, [{ field: '', wanted: told(words.map((word) => word.toJSON())), expression: keywords }]];
}

function itemsOf(expression: Expression, map: Node): Item[] {
  const entries = Object.entries(map.toJSON() as Record<string, unknown>);
  const of = expression.type === 'and' ? expression.of : [];
  return entries.flatMap(([field, wanted], i) => {
    const item = of[i];
    return item === undefined ? [] : [{ field, wanted: told(wanted), expression: item }];
  });
}

function explained(what: Omit<Item, 'expression'>, expression: Expression, event: FleetEvent): ExplainedItem {
  const field = fieldOf(expression);
  const actual: FieldValue = field === '' ? undefined : event[field];
  return { ...what, ...(actual !== undefined && { actual: told(actual) }), holds: compile(expression)(event) };
}

/** The field of events that an item speaks of; empty when it is none by itself. */
function fieldOf(expression: Expression): string {
  if (expression.type === 'not') return fieldOf(expression.of);
  if (expression.type === 'or') return expression.of[0] === undefined ? '' : fieldOf(expression.of[0]);
  return 'field' in expression ? expression.field : '';
}

function valuesOf(expression: Expression): string {
  return expression.type === 'field' ? told(expression.tests.map(({ equals }) => equals)) : '';
}

function told(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
