import type { Block } from '@fleetwall/core';

/**
 * What people made of a rule, apart from its file. `dry-run`: its alerts lead to no block, only to the report of one. `off`: it
 * makes no alerts either; other rules that refer to it go on.
 */
export type RuleMode = 'on' | 'dry-run' | 'off';

export const RULE_MODES = ['on', 'dry-run', 'off'] as const satisfies readonly RuleMode[];

/** A document of the registry's collection `rule-modes`; its id is the rule's name. Without one the rule is on. */
export interface RuleSwitch {
  mode: RuleMode;
  by: string;
  comment: string;
  atMs: number;
}

export const RULE_SWITCHES = 'rule-modes';

/** What is left of a set of rules where some are off: those make no alerts, and count for others as before. */
export function withoutThoseOff<R extends { name: string; generate: boolean }>(
  rules: readonly R[],
  modeOf: (rule: string) => RuleMode,
): R[] {
  return rules.map((rule) => (rule.generate && modeOf(rule.name) === 'off' ? { ...rule, generate: false } : rule));
}

/** How far the reasons of a block go, of rules and people together: the furthest counts. */
export function modeOfBlock({ reasons }: Block, modeOf: (rule: string) => RuleMode): RuleMode {
  const modes = reasons.map((reason) => (reason.type === 'alert' ? modeOf(reason.rule) : 'on'));
  return RULE_MODES.find((mode) => modes.includes(mode)) ?? 'on';
}
