import type { Clock } from '@fleetwall/core';
import { type InputErrorCode, inputError } from './errors.js';
import type { InputProblem } from './input.js';

const MAX_LISTED = 100;
const PASSING_MS = 600_000;

/** What is wrong now, one entry for a stream and code. */
export class Problems {
  private readonly byKey = new Map<string, InputProblem & { untilMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Stands until {@link clear}. Telling the same again changes nothing but its text. */
  report(stream: string, code: InputErrorCode, details: Record<string, string | number>): void {
    this.put(stream, code, details, Number.POSITIVE_INFINITY);
  }

  /** For what happened once and has no end (a lost rest): shown for ten minutes. */
  mention(stream: string, code: InputErrorCode, details: Record<string, string | number>): void {
    this.put(stream, code, details, this.clock() + PASSING_MS);
  }

  /** Ends one problem of a stream, or all of them that stand. */
  clear(stream: string, ...codes: InputErrorCode[]): void {
    if (this.byKey.size === 0) return;
    for (const code of codes) this.byKey.delete(`${code} ${stream}`);
  }

  list(): InputProblem[] {
    const now = this.clock();
    const listed: InputProblem[] = [];
    for (const [key, { untilMs, ...problem }] of this.byKey) {
      if (untilMs <= now) this.byKey.delete(key);
      else if (listed.length < MAX_LISTED) listed.push(problem);
    }
    return listed;
  }

  private put(stream: string, code: InputErrorCode, details: Record<string, string | number>, untilMs: number): void {
    const key = `${code} ${stream}`;
    const { message, hint } = inputError(code, details);
    const sinceMs = this.byKey.get(key)?.sinceMs ?? this.clock();
    this.byKey.set(key, { code, stream, message, hint, sinceMs, untilMs });
  }
}

/** The words of a failed system call, without the path that the message names anyway. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    ELOOP: 'its symbolic links go in a circle',
    EIO: 'the disk reports an error',
    ENOENT: 'it does not exist',
    ENOTDIR: 'a part of the path is not a directory',
    ENOSPC: 'no more watches are allowed',
    EMFILE: 'too many open files',
  };
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  return words[code] ?? code;
}
