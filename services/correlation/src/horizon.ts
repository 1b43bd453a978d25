import { type Bus, countingSpecs, FleetwallError } from '@fleetwall/core';
import { planRules, type RuleSet } from '@fleetwall/detection';
import { correlationServiceError } from './errors.js';

const HOUR_MS = 3_600_000;

/** How far back any rule reaches, milliseconds: the longest window, or windows of a chain, with its lateness. */
export function horizonMsOf(rules: RuleSet): number {
  return furthestOf(rules).reachMs;
}

/**
 * Declares what counting these rules needs. Throws RULE_REACHES_TOO_FAR when the observations are not kept for as long as
 * the rule that reaches furthest may need them; what exists stays as it is then.
 */
export async function declareCounting(bus: Bus, partitions: number, rules: RuleSet): Promise<void> {
  const { rule, reachMs } = furthestOf(rules);
  try {
    await bus.declare(countingSpecs(partitions, reachMs));
  } catch (error) {
    if (!(error instanceof FleetwallError) || error.code !== 'BUS_RETENTION_TOO_SHORT') throw error;
    const { topic = '', actualMs, neededMs = 0 } = error.details;
    throw correlationServiceError(
      'RULE_REACHES_TOO_FAR',
      { rule, reachHours: hoursOf(reachMs), keptHours: hoursOf(Number(actualMs)), topic, neededMs },
      { cause: error },
    );
  }
}

function furthestOf(rules: RuleSet): { rule: string; reachMs: number } {
  return planRules(rules)
    .map(({ name, reachMs }) => ({ rule: name, reachMs }))
    .reduce((furthest, each) => (each.reachMs > furthest.reachMs ? each : furthest), { rule: '', reachMs: 0 });
}

/** To the tenth. */
function hoursOf(ms: number): number {
  return Math.round((ms / HOUR_MS) * 10) / 10;
}
