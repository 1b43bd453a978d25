/** A document of the registry's collection `allowlist`; its id is the canonical address or network. */
export interface AllowEntry {
  reason: string;
  owner: string;
  createdMs: number;
  /** Absent: until someone removes it. */
  untilMs?: number;
}

export const ALLOWLIST = 'allowlist';
