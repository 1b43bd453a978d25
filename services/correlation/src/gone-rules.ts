import type { AlertChange } from '@fleetwall/core';
import type { SnapshotPart } from '@fleetwall/detection';

/** Of a snapshot's first part, what is needed here. */
interface RulesOfState {
  rules: { name: string; alerts: { change: AlertChange }[] }[];
}

/**
 * The open alerts of a snapshot whose rules were removed, or count in another way now: they are over, since nothing can
 * be added to them any more. What they led to stands.
 */
export function alertsOfGoneRules(parts: readonly SnapshotPart[], restored: readonly string[]): AlertChange[] {
  const state = parts.find(({ name }) => name === 'state');
  if (!state) return [];
  const { rules } = JSON.parse(state.bytes.toString('utf8')) as RulesOfState;
  return rules
    .filter(({ name }) => !restored.includes(name))
    .flatMap(({ alerts }) => alerts.map(({ change }) => ({ ...change, state: 'over', contributors: [] })));
}
