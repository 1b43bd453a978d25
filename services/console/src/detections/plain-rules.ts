import type { Rule, RuleSet } from '@fleetwall/detection';

/** The rule itself, or those whose matches a correlation counts in the end; none for a name that nothing has. */
export function plainRulesOf(name: string, set: Pick<RuleSet, 'rules' | 'correlations'>): Rule[] {
  const plain = set.rules.find((rule) => rule.name === name);
  if (plain) return [plain];
  const correlation = set.correlations.find((one) => one.name === name);
  return [...new Set(correlation?.rules.flatMap((of) => plainRulesOf(of, set)) ?? [])];
}
