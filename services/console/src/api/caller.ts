import type { Role, Scope } from './route.js';

/** Who asks: a person with a session, or a program with a token. */
export interface Caller {
  /** `anna`, `token:backup`. */
  name: string;
  /** All tenants when absent. */
  tenant?: string;
  role?: Role;
  scopes?: readonly Scope[];
  /** When the session or the token ends. */
  untilMs: number;
}
