import type { AlertChange, FleetEvent } from '@fleetwall/core';
import type { RuleExplanation } from './explain.js';

export type Level = AlertChange['level'];

/** One YAML file; `path` is what problems show, the rule's name is its last part without ending. */
export interface RuleFile {
  path: string;
  text: string;
}

/** Why a document was refused and where. A refused document leaves nothing behind; the others load. */
export interface RuleProblem {
  /** A row of `SIGMA_ERRORS`. */
  code: string;
  path: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** What is wrong and what was expected. */
  message: string;
  /** What to write instead. */
  hint: string;
  /** The line of the file, and below it a `^` under the column. */
  caret: string;
}

export interface Logsource {
  category?: string;
  product?: string;
  service?: string;
}

/** A clause that every matching event fulfils: the field, or one of its elements, is one of the values. */
export interface Requirement {
  field: string;
  /** Folded by `fold`. */
  values: ReadonlySet<string>;
}

interface Described {
  /** Unique over rules and correlations: the file's name without ending; of several documents in a file, their `name`. */
  name: string;
  title: string;
  level: Level;
  tags: string[];
  description?: string;
  status?: string;
  falsepositives?: string[];
  /**
   * Whether a match is an alert of its own. Not so for `informational` (Sigma: no alerting), nor for what correlations
   * refer to, unless one of them says `generate: true`.
   */
  generate: boolean;
  /** Where the document is: the file's path, and its first line from 1. */
  file: { path: string; line: number };
}

/** A Sigma rule, compiled. */
export interface Rule extends Described {
  /** The Sigma id; the name where the document has none. */
  id: string;
  logsource: Logsource;
  matches(event: FleetEvent): boolean;
  /** As they are written; it matches when one of them holds. */
  conditions: readonly string[];
  /** For people: slower than `matches`. */
  explain(event: FleetEvent): RuleExplanation;
  requires: readonly Requirement[];
}

export type CorrelationType = 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered';

/** A Sigma correlation with its references resolved. */
export interface Correlation extends Described {
  ruleId: string;
  type: CorrelationType;
  /** Names of rules or of other correlations, in the order of the file. */
  rules: string[];
  /** Fields, or names of `aliases`. */
  groupBy: string[];
  /** What a name in `groupBy` stands for: by rule the field of the events that it matches. */
  aliases?: Record<string, Record<string, string>>;
  windowMs: number;
  /** How many events, distinct values or (temporal) distinct rules within the window make it match. */
  condition: { atLeast: number };
  /** The field whose values are counted, for `value_count`. */
  field?: string;
  /** How late an event may arrive and still count by its own time. */
  latenessMs: number;
}

export interface RuleSet {
  /** In the order of the files. */
  rules: Rule[];
  /** What is referred to comes before what refers to it. */
  correlations: Correlation[];
  /** In the order of the files, then of the lines. */
  problems: RuleProblem[];
}
