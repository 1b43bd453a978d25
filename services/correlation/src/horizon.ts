import { planCorrelations, type RuleSet } from '@fleetwall/detection';

/** How far back any rule reaches, milliseconds: the longest window with its lateness. */
export function horizonMsOf({ correlations }: RuleSet): number {
  return Math.max(0, ...planCorrelations(correlations).map(({ windowMs, latenessMs }) => windowMs + latenessMs));
}
