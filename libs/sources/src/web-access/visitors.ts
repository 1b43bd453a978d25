import { RecentMap } from '../recent-map.js';

const MAX_VISITORS = 4_096;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long somebody who was let in may be refused without that being a guess. */
const LET_IN_MS = HOUR_MS;
/** How long an address at which somebody logged on is remembered. */
const LOGGED_ON_MS = 30 * DAY_MS;
/** Forms shown again that may be a step of a logon: in a row, and in a day. */
const MAX_STEPS_IN_A_ROW = 2;
const MAX_STEPS_PER_DAY = 10;

interface Visitor {
  lastMs: number;
  stepsInARow: number;
  stepsOfDay: number;
  dayStartMs: number;
}

/**
 * Who got in, by what one access log says: the least recent are forgotten first, and all are with the reader of the log. It
 * tells an answer that looks like a refusal, but is not about a password, from a guess: a digest's nonce that is too old, an
 * application that has its own idea of who is logged on, the form for a second factor. Times are those of the log.
 */
export class Visitors {
  readonly #visitors = new RecentMap<Visitor>(MAX_VISITORS);

  /** A request with this user name was answered. */
  letIn(who: string, timeMs: number): void {
    this.#note(who, timeMs);
  }

  /** Whether a request with this user name was answered not long ago. */
  wasLetIn(who: string, timeMs: number): boolean {
    const visitor = this.#visitors.get(who);
    return visitor !== undefined && timeMs - visitor.lastMs <= LET_IN_MS;
  }

  /** Somebody logged on from there, by a form. */
  loggedOn(who: string, timeMs: number): void {
    this.#note(who, timeMs).stepsInARow = 0;
  }

  /** Whether a form shown again may be a step of a logon: somebody has logged on from there, and this does not go on. */
  mayBeStep(who: string, timeMs: number): boolean {
    const visitor = this.#visitors.get(who);
    if (visitor === undefined || timeMs - visitor.lastMs > LOGGED_ON_MS) return false;
    if (timeMs - visitor.dayStartMs > DAY_MS) {
      visitor.dayStartMs = timeMs;
      visitor.stepsOfDay = 0;
    }
    visitor.stepsInARow++;
    visitor.stepsOfDay++;
    return visitor.stepsInARow <= MAX_STEPS_IN_A_ROW && visitor.stepsOfDay <= MAX_STEPS_PER_DAY;
  }

  #note(who: string, timeMs: number): Visitor {
    const visitor = this.#visitors.get(who) ?? {
      lastMs: timeMs,
      stepsInARow: 0,
      stepsOfDay: 0,
      dayStartMs: timeMs,
    };
    visitor.lastMs = Math.max(visitor.lastMs, timeMs);
    this.#visitors.set(who, visitor);
    return visitor;
  }
}
