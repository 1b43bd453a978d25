import { attemptId } from './attempt-id.js';

/** One line of `message repeated N times` or of a summary never tells of more tries than this. */
const MAX_ORDINALS = 100;
/** Lines remembered per connection to know a copy; a connection of sshd has at most a few dozen. */
const MAX_SEEN = 64;

/** The state of a connection as it is saved. */
export interface ConnectionState {
  host: string;
  group: string;
  pid: number;
  firstMs: number;
  lastMs: number;
  ip?: string | undefined;
  domain?: string | undefined;
  identity?: string | undefined;
  started: number;
  byKind: Record<string, number>;
  /** Fingerprints of the lines placed so far, with the tries they told of. */
  seen: [line: number, first: number, count: number][];
  /** PAM's lines: none yet, nothing but them, under the connection's own pid, or under that of a child. */
  pam: 'none' | 'only' | 'own' | 'child';
  /** Tries that no line with an address told of. */
  unplaced: number[];
}

/**
 * The tries of one connection.
 *
 * Every kind of line tells of the same tries in the same order: the nth `Failed password` and the nth PAM failure are
 * the nth try. So each kind counts by itself, and the connection had as many tries as the kind that counted most. That
 * holds in whatever order lines with equal timestamps arrive, and for programs that leave lines out it counts too few
 * rather than too many.
 */
export class Connection {
  readonly state: ConnectionState;
  /** Ids computed so far, by ordinal. */
  readonly #known: string[] = [];

  constructor(state: ConnectionState) {
    this.state = state;
  }

  /** Whether a line with this source can belong to the connection: an address tells, a name may be its reverse. */
  admits(ip: string | undefined, domain: string | undefined): boolean {
    const { state } = this;
    if (ip !== undefined && state.ip !== undefined) return ip === state.ip;
    if (domain !== undefined && state.domain !== undefined && (ip ?? state.ip) === undefined) {
      return domain === state.domain;
    }
    return true;
  }

  /**
   * The tries that a line tells of.
   * @param line fingerprint of time and text, to know a copy of the same line
   * @param once the kind comes once per connection, however often it is printed
   */
  place(line: number, kind: string, count: number, once: boolean): string[] {
    const seen = this.state.seen.find(([known]) => known === line);
    if (seen !== undefined) return this.#ids(seen[1], seen[2]);
    const number = Math.min(once ? 1 : count, MAX_ORDINALS);
    const first = once ? 0 : (this.state.byKind[kind] ?? 0);
    this.state.byKind[kind] = first + number;
    this.state.started = Math.max(this.state.started, first + number);
    return this.#remember(line, first, number);
  }

  /** The tries that a summary adds to those told of before: it says how many there were in all. */
  placeSummary(line: number, total: number): string[] {
    const seen = this.state.seen.find(([known]) => known === line);
    if (seen !== undefined) return this.#ids(seen[1], seen[2]);
    const first = this.state.started;
    const number = Math.min(Math.max(total - first, 0), MAX_ORDINALS);
    this.state.started = first + number;
    return this.#remember(line, first, number);
  }

  /** Ids of tries that have no address so far, now that one is known; they are unplaced no more. */
  takeUnplaced(): string[] {
    const ids = this.state.unplaced.flatMap((ordinal) => this.#ids(ordinal, 1));
    this.state.unplaced = [];
    return ids;
  }

  #remember(line: number, first: number, number: number): string[] {
    this.state.seen.push([line, first, number]);
    if (this.state.seen.length > MAX_SEEN) this.state.seen.shift();
    if (this.state.ip === undefined && this.state.domain === undefined) {
      for (let i = first; i < first + number; i++) if (!this.state.unplaced.includes(i)) this.state.unplaced.push(i);
    }
    return this.#ids(first, number);
  }

  #ids(first: number, number: number): string[] {
    const ids: string[] = [];
    for (let ordinal = first; ordinal < first + number; ordinal++) {
      const id = this.#known[ordinal] ?? attemptId(this.#identity(), ordinal);
      this.#known[ordinal] = id;
      ids.push(id);
    }
    return ids;
  }

  #identity(): string {
    const { host, group, pid, firstMs, identity } = this.state;
    return `${host}\n${group}\n${pid}\n${firstMs}\n${identity ?? ''}`;
  }
}
