export { parseDuration } from './duration.js';
export { SIGMA_ERRORS } from './errors.js';
export type { ExplainedItem, ExplainedSelection, RuleExplanation } from './explain.js';
export { loadRules } from './load.js';
export { ECS_MAPPING, type Mapping } from './mapping.js';
export { Matcher } from './matcher.js';
export type {
  Correlation,
  CorrelationType,
  Level,
  Logsource,
  Requirement,
  Rule,
  RuleFile,
  RuleProblem,
  RuleSet,
} from './rule.js';
