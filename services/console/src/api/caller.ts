import type { Role, Scope } from './route.js';

/** Who asks: a person with a session, or a program with a token. */
export interface Caller {
  /** `anna`, `token:backup`, `token:anna/backup`. */
  name: string;
  /** All tenants when absent. */
  tenant?: string;
  /** Absent of a token of the installation. */
  role?: Role;
  /** Absent of a person; a person's own token has both. */
  scopes?: readonly Scope[];
  /** Whether the sign-in provider vouches for the account. */
  isOfProvider?: boolean;
  /** When the session or the token ends. */
  untilMs: number;
}
