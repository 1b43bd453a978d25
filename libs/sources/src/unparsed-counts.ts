import type { Unparsed } from './source.js';

/** Attackers can make up program names: beyond this many they share one count. */
const MAX_PROGRAMS = 1_000;

/** Lines that gave no event, counted by reason and program. */
export class UnparsedCounts {
  readonly #counts = new Map<string, Map<string, number>>();
  #programs = 0;

  add({ unparsed, program = '' }: Unparsed): void {
    let programs = this.#counts.get(unparsed);
    if (!programs) {
      programs = new Map();
      this.#counts.set(unparsed, programs);
    }
    let count = programs.get(program);
    if (count === undefined) {
      const full = ++this.#programs > MAX_PROGRAMS;
      count = full ? (programs.get('(other)') ?? 0) : 0;
      programs.set(full ? '(other)' : program, count + 1);
      return;
    }
    programs.set(program, count + 1);
  }

  /** `unknown-program: cron` to its count. */
  totals(): Map<string, number> {
    const totals = new Map<string, number>();
    for (const [reason, programs] of this.#counts) {
      for (const [program, count] of programs) totals.set(program === '' ? reason : `${reason}: ${program}`, count);
    }
    return totals;
  }
}
