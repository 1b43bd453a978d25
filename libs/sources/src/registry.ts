import { pam } from './pam/parse.js';
import type { Source } from './source.js';
import { sshd } from './sshd/parse.js';

/** Every kind of log that is read. */
export const SOURCES: readonly Source[] = [sshd, pam];
