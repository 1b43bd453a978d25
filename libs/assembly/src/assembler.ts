import type { AttemptRole, FleetEvent } from '@fleetwall/core';
import { Connection, type ConnectionState } from './connection.js';
import { fingerprint } from './fingerprint.js';
import { RecentMap } from './recent-map.js';

export interface AssemblerOptions {
  /** Connections remembered at a time, all hosts together; the least recent are forgotten first. Default 50,000. */
  maxConnections?: number;
  /** A connection without a line for this long, by the time of the events, is over. Default 10 minutes. */
  idleMs?: number;
}

const SSHD_PROGRAMS = new Set(['sshd', 'sshd-session', 'sshd-auth']);

/** Said once per connection or repeated for every key that a client offers: never a try of its own. */
const ONCE_PER_CONNECTION = new Set([
  'ssh-invalid-user',
  'ssh-user-not-allowed',
  'ssh-root-refused',
  'ssh-key-refused',
  'ssh-hostbased-refused',
  'ssh-none-refused',
  'ssh-method-refused',
  'ssh-user-changed',
  'ssh-connect-refused',
  'ssh-account-denied',
  'ssh-auth-fail-reported',
]);

/** PAM asks the password of keyboard-interactive in a child process of its own pid; its line comes within this. */
const CHILD_MS = 5_000;

/**
 * Gives every try to log on one id, however many lines tell of it. Pure: state comes from events only. The state per
 * host, program group and pid is small and bounded, and can be saved and restored with the reader's bookmark.
 */
export class Assembler {
  readonly #idleMs: number;
  readonly #connections: RecentMap<Connection>;
  /** The latest connection of sshd by host and source, to bring a child's PAM line and its connection together. */
  readonly #bySource: RecentMap<Connection>;

  constructor(options: AssemblerOptions = {}) {
    const maxConnections = options.maxConnections ?? 50_000;
    this.#idleMs = options.idleMs ?? 600_000;
    this.#connections = new RecentMap(maxConnections);
    this.#bySource = new RecentMap(maxConnections);
  }

  /**
   * Marks the event (the same object is returned): `fleetwall.attempt.id` and, for several tries in one line,
   * `fleetwall.attempt.ids`, on events whose role counts; `source.ip` where another line of the same connection told it
   * (`fleetwall.source.recovered`).
   */
  assemble(event: FleetEvent): FleetEvent {
    const role = event['fleetwall.attempt.role'];
    const isSshd = SSHD_PROGRAMS.has(event['process.name']);
    if (role === undefined && (!isSshd || event['source.ip'] === undefined)) return event;
    const connection = this.#connectionOf(event, isSshd);
    const { state } = connection;
    state.lastMs = Math.max(state.lastMs, event['@timestamp']);
    learnSource(state, event);
    if (role === undefined) return placeLate(connection, event);
    recoverSource(state, event);
    state.identity ??= event['source.ip'] ?? event['source.domain'] ?? event['user.name'] ?? '';
    return mark(event, this.#place(connection, event, role));
  }

  /** Everything, as JSON. */
  snapshot(): string {
    const states = new Map<Connection, string[]>();
    for (const [key, connection] of this.#connections.entries()) {
      const keys = states.get(connection);
      if (keys === undefined) states.set(connection, [key]);
      else keys.push(key);
    }
    return JSON.stringify({ version: 1, connections: [...states].map(([{ state }, keys]) => ({ keys, state })) });
  }

  /** Replaces everything. Throws SyntaxError on what is no snapshot of this version, leaving the state as it was. */
  restore(json: string): void {
    const saved = JSON.parse(json) as { version?: number; connections?: { keys: string[]; state: ConnectionState }[] };
    if (saved?.version !== 1 || !Array.isArray(saved.connections)) throw new SyntaxError('not an assembler snapshot');
    this.#connections.clear();
    this.#bySource.clear();
    for (const { keys, state } of saved.connections) {
      const connection = new Connection(state);
      for (const key of keys) this.#connections.set(key, connection);
      if (state.group === 'sshd') this.#bySource.set(sourceKey(state.host, state.ip ?? state.domain), connection);
    }
  }

  #place(connection: Connection, event: FleetEvent, role: AttemptRole): string[] {
    const line = fingerprint(event['event.original'], event['@timestamp']);
    const count = event['fleetwall.attempt.count'] ?? 1;
    if (role === 'summary') {
      // PAM's summary leaves out the first failure, which has a line of its own.
      return connection.placeSummary(line, event['event.action'] === 'pam-more-failures' ? count + 1 : count);
    }
    if (role === 'attempt') return connection.place(line, 'attempt', count, false);
    const action = event['event.action'];
    const once = event['process.pid'] !== undefined && ONCE_PER_CONNECTION.has(action);
    return connection.place(line, `${action} ${partSource(event)}`, count, once);
  }

  #connectionOf(event: FleetEvent, isSshd: boolean): Connection {
    const key = connectionKey(event, isSshd);
    const ip = event['source.ip'];
    const domain = event['source.domain'];
    const isPam = event['event.module'] === 'pam';
    const found = this.#connections.get(key);
    if (found?.admits(ip, domain) && !this.#isOver(found, event)) {
      if (found.state.pam === (isPam ? 'none' : 'only')) found.state.pam = 'own';
      return found;
    }
    const shared = isSshd ? this.#childOrParent(event, isPam) : undefined;
    const connection = shared ?? new Connection(newState(event, isSshd, isPam));
    this.#connections.set(key, connection);
    const source = ip ?? domain;
    if (isSshd && source !== undefined) this.#bySource.set(sourceKey(event['host.name'], source), connection);
    return connection;
  }

  /** The other side of keyboard-interactive: PAM's child for a line of sshd, sshd for a line of PAM's child. */
  #childOrParent(event: FleetEvent, isPam: boolean): Connection | undefined {
    const source = event['source.ip'] ?? event['source.domain'];
    if (source === undefined || event['process.pid'] === undefined) return undefined;
    const found = this.#bySource.get(sourceKey(event['host.name'], source));
    if (found === undefined || Math.abs(event['@timestamp'] - found.state.lastMs) > CHILD_MS) return undefined;
    const { state } = found;
    if (state.pid < 0 || !(isPam ? state.pam === 'none' || state.pam === 'child' : state.pam === 'only'))
      return undefined;
    state.pam = 'child';
    return found;
  }

  #isOver(connection: Connection, event: FleetEvent): boolean {
    return Math.abs(event['@timestamp'] - connection.state.lastMs) > this.#idleMs;
  }
}

/** Which module, or which audited operation, told of a part: each tells of every try by itself. */
function partSource(event: FleetEvent): string {
  if (event['event.module'] === 'auditd') return String(event['event.reason'] ?? '');
  return String(event['fleetwall.pam.module'] ?? '');
}

function newState(event: FleetEvent, isSshd: boolean, isPam: boolean): ConnectionState {
  return {
    host: event['host.name'],
    group: isSshd ? 'sshd' : event['process.name'],
    pid: event['process.pid'] ?? -1,
    firstMs: event['@timestamp'],
    lastMs: event['@timestamp'],
    started: 0,
    byKind: {},
    seen: [],
    pam: isPam ? 'only' : 'none',
    unplaced: [],
  };
}

/** sshd has one process per connection; other programs serve many peers with one, and some write no pid at all. */
function connectionKey(event: FleetEvent, isSshd: boolean): string {
  const pid = event['process.pid'];
  const group = isSshd ? 'sshd' : event['process.name'];
  if (isSshd && pid !== undefined) return `${event['host.name']}\n${group}\n${pid}`;
  const who = event['source.ip'] ?? event['source.domain'] ?? event['user.name'] ?? '';
  return `${event['host.name']}\n${group}\n${pid ?? ''}\n${who}`;
}

function sourceKey(host: string, source: string | undefined): string {
  return `${host}\n${source ?? ''}`;
}

function learnSource(state: ConnectionState, event: FleetEvent): void {
  state.ip ??= event['source.ip'];
  state.domain ??= event['source.domain'];
}

/** A failure that names no address happened on a connection whose address another line told. */
function recoverSource(state: ConnectionState, event: FleetEvent): void {
  if (event['source.ip'] !== undefined || state.ip === undefined) return;
  event['source.ip'] = state.ip;
  event['fleetwall.source.recovered'] = true;
}

/** The other way round: the first line with an address tells of the tries before it that had none. */
function placeLate(connection: Connection, event: FleetEvent): FleetEvent {
  const ids = connection.takeUnplaced();
  if (ids.length === 0) return event;
  event['event.category'] = ['authentication', ...event['event.category'].filter((name) => name !== 'authentication')];
  event['event.outcome'] = 'failure';
  event['fleetwall.attempt.role'] = 'part';
  event['fleetwall.source.recovered'] = true;
  return mark(event, ids);
}

function mark(event: FleetEvent, ids: string[]): FleetEvent {
  const [first] = ids;
  if (first === undefined) return event;
  event['fleetwall.attempt.id'] = first;
  if (ids.length > 1) event['fleetwall.attempt.ids'] = ids;
  return event;
}
