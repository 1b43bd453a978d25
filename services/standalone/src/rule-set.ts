import { existsSync } from 'node:fs';
import { loadRules, planCorrelations, type RuleSet } from '@fleetwall/detection';
import { readYamlFiles } from '@fleetwall/embedded';
import { loadPolicies, type Policy } from '@fleetwall/response';
import { standaloneError } from './errors.js';

export interface Detections {
  rules: RuleSet;
  policies: Policy[];
}

/** Reads and checks rules and policies; throws at the first mistake, so that nothing is half applied. */
export async function readDetections(ruleDirectories: readonly string[], policyDirectory: string): Promise<Detections> {
  for (const directory of [...ruleDirectories, policyDirectory]) {
    if (!existsSync(directory))
      throw standaloneError('RULES_INVALID', { reason: `There is no directory ${directory}.` });
  }
  const rules = loadRules((await Promise.all(ruleDirectories.map(readYamlFiles))).flat());
  const [problem] = rules.problems;
  if (problem) {
    const { path, line, column, message, caret } = problem;
    const reason = `${message}\n${caret}`;
    throw standaloneError('RULES_INVALID', { reason }, { position: `${path}:${line}:${column}` });
  }
  planCorrelations(rules.correlations);
  const names = [...rules.rules, ...rules.correlations].flatMap((rule) => [
    rule.name,
    'ruleId' in rule ? rule.ruleId : rule.id,
  ]);
  return { rules, policies: loadPolicies(await readYamlFiles(policyDirectory), new Set(names)) };
}
