import { type Exemption, exemptTarget } from './rails.js';

/** A document of the registry's collection `allowlist`; its id is the canonical address or network. */
export interface AllowEntry {
  reason: string;
  owner: string;
  createdMs: number;
  /** Absent: until someone removes it. */
  untilMs?: number;
}

export const ALLOWLIST = 'allowlist';

export function isValid({ untilMs }: Pick<AllowEntry, 'untilMs'>, nowMs: number): boolean {
  return untilMs === undefined || nowMs < untilMs;
}

/** What an entry shelters, while it holds. Throws ADDRESS_INVALID or ALLOW_REFUSED. */
export function allowedBy(target: string, { reason }: AllowEntry): Exemption {
  return { ...exemptTarget(target, `on the allowlist (${reason})`), entry: target };
}
