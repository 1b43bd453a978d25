import type { ErrorTable } from '@fleetwall/core';

/** Why a Sigma document is refused. `{name}` is filled from the details, in hints too. */
export const SIGMA_ERRORS = {
  SIGMA_YAML: {
    retryable: false,
    message: 'This is not readable YAML: {reason}',
    hint: 'Check indentation and quotes; put values with : # * & ! [ { or % into single quotes.',
  },
  SIGMA_YAML_FORBIDDEN: {
    retryable: false,
    message: 'YAML {what} are not allowed in rules; expected plain maps, lists and values.',
    hint: 'Write the value out; a text that starts with * & or ! needs single quotes.',
  },
  SIGMA_DUPLICATE_KEY: {
    retryable: false,
    message: 'The key "{key}" stands twice in one map; expected it once.',
    hint: 'Give one key a list of values, or make a second selection and join both in the condition.',
  },
  SIGMA_LIMIT: {
    retryable: false,
    message: '{what}: at most {limit} allowed.',
    hint: '{instead}',
  },
  SIGMA_MISSING: {
    retryable: false,
    message: 'The attribute "{attribute}" is missing; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_TYPE: {
    retryable: false,
    message: '"{attribute}" is {actual}; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_VALUE: {
    retryable: false,
    message: '"{attribute}" is "{value}"; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_UNKNOWN_KEY: {
    retryable: false,
    message: '"{attribute}" knows no "{key}"; expected one of {expected}.',
    hint: '{instead}',
  },
  SIGMA_UNKNOWN_MODIFIER: {
    retryable: false,
    message: 'There is no modifier "{modifier}"; expected one of {expected}.',
    hint: '{instead}',
  },
  SIGMA_MODIFIER_USE: {
    retryable: false,
    message: 'The modifier "{modifier}" cannot stand here: {reason}; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_REGEX: {
    retryable: false,
    message: 'The regular expression is refused: {reason}; expected RE2 syntax.',
    hint: 'RE2 runs in linear time and therefore has no look-around and no back-references (https://github.com/google/re2/wiki/Syntax).',
  },
  SIGMA_CONDITION: {
    retryable: false,
    message: 'The condition breaks off: found {found}; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_UNKNOWN_SELECTION: {
    retryable: false,
    message: 'The condition names "{name}", but no selection is called so; expected one of {expected}.',
    hint: '{instead}',
  },
  SIGMA_UNSUPPORTED: {
    retryable: false,
    message: '{feature} is not supported; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_TAXONOMY: {
    retryable: false,
    message: 'No field mapping for the taxonomy "{taxonomy}"; expected one of {expected}.',
    hint: 'Write the rule with ECS field names and "taxonomy: ecs".',
  },
  SIGMA_LOGSOURCE: {
    retryable: false,
    message: 'The log source {logsource} stands for no events here; expected {expected}.',
    hint: '{instead}',
  },
  SIGMA_FIELD: {
    retryable: false,
    message: 'The field "{field}" has no counterpart in events; expected a field of the taxonomy "{taxonomy}".',
    hint: 'Use the ECS field name and "taxonomy: ecs".',
  },
  SIGMA_DUPLICATE_RULE: {
    retryable: false,
    message: 'The {what} "{value}" is taken by {path}:{line}; expected one that no other rule has.',
    hint: '{instead}',
  },
  SIGMA_UNKNOWN_RULE: {
    retryable: false,
    message: 'No rule is called "{reference}"; expected the id, name or file name of a loaded rule.',
    hint: '{instead}',
  },
  SIGMA_REFUSED_RULE: {
    retryable: false,
    message: 'It refers to "{reference}", which was refused ({path}:{line}); expected a rule that loads.',
    hint: 'Repair {path}:{line} first.',
  },
  SIGMA_CYCLE: {
    retryable: false,
    message: 'The correlations refer to each other in a circle: {circle}; expected an end at a rule.',
    hint: 'Let one of them refer to a rule with a logsource and a detection.',
  },
} as const satisfies ErrorTable;

export type SigmaErrorCode = keyof typeof SIGMA_ERRORS;
