import { attemptId } from './attempt-id.js';

/** One line of `message repeated N times` or of a summary never tells of more tries than this. */
const MAX_ORDINALS = 100;
/** Lines remembered per connection to know a copy; a connection of sshd has at most a few dozen. */
const MAX_SEEN = 64;

/** A line that was placed: its fingerprint, and the tries it told of. */
interface Placed {
  line: number;
  first: number;
  count: number;
}

/**
 * The tries of one connection. The fields are its state, saved as they are.
 *
 * Every kind of line tells of the same tries in the same order: the nth `Failed password` and the nth PAM failure are
 * the nth try. So each kind counts by itself, and the connection had as many tries as the kind that counted most. That
 * holds in whatever order lines with equal timestamps arrive, and for programs that leave lines out it counts too few
 * rather than too many.
 */
export class Connection {
  lastMs: number;
  ip: string | undefined = undefined;
  domain: string | undefined = undefined;
  /** The address, name or account that is part of the ids, as known when the first try was placed. */
  identity: string | undefined = undefined;
  /** PAM's lines: none yet, nothing but them, under the connection's own pid, or under that of a child. */
  pam: 'none' | 'only' | 'own' | 'child' = 'none';
  started = 0;
  kinds: { kind: string; count: number }[] = [];
  placed: Placed[] = [];
  /** Ids of tries that no line with an address told of. */
  unplaced: string[] = [];
  /** Ids so far, by ordinal. */
  ids: string[] = [];

  /** @param pid -1 for a program that writes none */
  constructor(
    readonly host: string,
    readonly group: string,
    readonly pid: number,
    readonly firstMs: number,
  ) {
    this.lastMs = firstMs;
  }

  /** Whether a line with this source can belong to the connection: an address tells, a name may be its reverse. */
  admits(ip: string | undefined, domain: string | undefined): boolean {
    if (ip !== undefined && this.ip !== undefined) return ip === this.ip;
    if (domain !== undefined && this.domain !== undefined && (ip ?? this.ip) === undefined) {
      return domain === this.domain;
    }
    return true;
  }

  /**
   * The tries that a line tells of.
   * @param line fingerprint of time and text, to know a copy of the same line
   * @param once the kind comes once per connection, however often it is printed
   */
  place(line: number, kind: string, count: number, once: boolean): string[] {
    const copy = this.#copyOf(line);
    if (copy !== undefined) return copy;
    let entry = this.kinds.find((known) => known.kind === kind);
    if (entry === undefined) {
      entry = { kind, count: 0 };
      this.kinds.push(entry);
    }
    const number = Math.min(once ? 1 : count, MAX_ORDINALS);
    const first = once ? 0 : entry.count;
    entry.count = first + number;
    this.started = Math.max(this.started, first + number);
    return this.#remember(line, first, number);
  }

  /** The tries that a summary adds to those told of before: it says how many there were in all. */
  placeSummary(line: number, total: number): string[] {
    const copy = this.#copyOf(line);
    if (copy !== undefined) return copy;
    const first = this.started;
    const number = Math.min(Math.max(total - first, 0), MAX_ORDINALS);
    this.started = first + number;
    return this.#remember(line, first, number);
  }

  #copyOf(line: number): string[] | undefined {
    const placed = this.placed.find((known) => known.line === line);
    return placed === undefined ? undefined : this.#idsOf(placed.first, placed.count);
  }

  #remember(line: number, first: number, count: number): string[] {
    this.placed.push({ line, first, count });
    if (this.placed.length > MAX_SEEN) this.placed.shift();
    const ids = this.#idsOf(first, count);
    if (this.ip === undefined && this.domain === undefined) {
      for (const id of ids) if (!this.unplaced.includes(id)) this.unplaced.push(id);
    }
    return ids;
  }

  #idsOf(first: number, count: number): string[] {
    const ids: string[] = [];
    for (let ordinal = first; ordinal < first + count; ordinal++) {
      const id = this.ids[ordinal] ?? attemptId(this.#name(), ordinal);
      this.ids[ordinal] = id;
      ids.push(id);
    }
    return ids;
  }

  #name(): string {
    return `${this.host}\n${this.group}\n${this.pid}\n${this.firstMs}\n${this.identity ?? ''}`;
  }
}
