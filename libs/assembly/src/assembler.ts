import { type AttemptRole, accountOf, type FleetEvent } from '@fleetwall/core';
import { Connection } from './connection.js';
import { fingerprint } from './fingerprint.js';
import { RecentMap } from './recent-map.js';
import { readSnapshot, writeSnapshot } from './snapshot.js';
import { WindowsAssembler } from './windows-assembler.js';

export interface AssemblerOptions {
  /**
   * Host on which the lines are read, where that is known: hosts that call themselves alike, as clones do, then share no
   * ids. Lines that name this very host have the same ids as without it.
   */
  site?: string;
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

/**
 * PAM's name of a service (pam.d(5)), or else the program that called PAM, to the `service.type` of the source that reads
 * the service's own lines.
 */
const SERVICE_OF_PAM: ReadonlyMap<string, string> = new Map([
  ['vsftpd', 'vsftpd'],
  ['proftpd', 'proftpd'],
  ['pure-ftpd', 'pure-ftpd'],
  ['wu-ftpd', 'ftpd'],
  ['in.ftpd', 'ftpd'],
  ['ftpd', 'ftpd'],
  ['dovecot', 'dovecot'],
  ['proxmox-ve-auth', 'proxmox'],
  ['webmin', 'webmin'],
  ['usermin', 'webmin'],
]);

/**
 * Mail servers that may have Dovecot's auth check their passwords: it then tells of the same tries, and so does PAM. Where
 * they do not, tries at both within minutes count as those of the server that was tried more often: too few, not too many.
 */
const CHECKED_BY: ReadonlyMap<string, string> = new Map([
  ['postfix', 'dovecot'],
  ['exim', 'dovecot'],
]);

/** What is remembered of one peer's tries is bounded: after so many the next ones are counted anew. */
const MAX_TRIES = 1_000;

/** PAM asks the password of keyboard-interactive in a child process of its own pid; its line comes within this. */
const CHILD_MS = 5_000;

/**
 * Gives every try to log on one id, however many lines tell of it. Pure: state comes from events only. The state per
 * host, program group and pid is small and bounded, and can be saved and restored with the reader's bookmark.
 */
export class Assembler {
  readonly #site: string | undefined;
  readonly #idleMs: number;
  readonly #connections: RecentMap<Connection>;
  /** The latest connection of sshd by host and source, to bring a child's PAM line and its connection together. */
  readonly #bySource: RecentMap<Connection>;
  /** Until when some connection of sshd may have tries without an address: only then lines about connections matter. */
  #unplacedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #windows = new WindowsAssembler();

  constructor(options: AssemblerOptions = {}) {
    this.#site = options.site;
    const maxConnections = options.maxConnections ?? 50_000;
    this.#idleMs = options.idleMs ?? 600_000;
    this.#connections = new RecentMap(maxConnections, this.#idleMs);
    this.#bySource = new RecentMap(maxConnections, this.#idleMs);
  }

  /** Whether the event can tell something of an attempt; all others pass through {@link assemble} as they are. */
  static concerns(event: FleetEvent): boolean {
    if (event['fleetwall.attempt.role'] !== undefined || WindowsAssembler.concerns(event)) return true;
    return event['source.ip'] !== undefined && SSHD_PROGRAMS.has(event['process.name']);
  }

  /**
   * Marks the event (the same object is returned): `fleetwall.attempt.id` and, for several tries in one line,
   * `fleetwall.attempt.ids`, on events whose role counts; `source.ip` where another line of the same connection told it
   * (`fleetwall.source.recovered`).
   */
  assemble(event: FleetEvent): FleetEvent {
    if (WindowsAssembler.concerns(event)) return this.#windows.mark(event, this.#computerOf(event));
    const role = event['fleetwall.attempt.role'];
    if (role === undefined) return this.#assembleOther(event);
    const isSshd = SSHD_PROGRAMS.has(event['process.name']);
    const connection = this.#connectionOf(event, isSshd);
    recoverSource(connection, event);
    connection.identity ??= event['source.ip'] ?? event['source.domain'] ?? accountOf(event) ?? '';
    const ids = place(connection, event, role);
    if (isSshd) this.#noteUnplaced(connection);
    return mark(event, ids);
  }

  /**
   * As {@link assemble}, for readers that can wait: a failed logon of Windows that names no address is kept for at most two
   * seconds of the events' time, and comes back with the address that other records told, or without one. Returns what is
   * ready, in order; {@link release} gives the rest when no event comes.
   */
  take(event: FleetEvent): FleetEvent[] {
    if (WindowsAssembler.concerns(event)) return this.#windows.take(event, this.#computerOf(event));
    return [...this.#windows.release(event['@timestamp'], this.#computerOf(event)), this.assemble(event)];
  }

  /** Events kept by {@link take} whose wait is over at this time. */
  release(timeMs: number): FleetEvent[] {
    return this.#windows.release(timeMs);
  }

  /**
   * Whether a line of sshd about a connection (neither its beginning nor a failure) could tell the address of a try at
   * this time; if not, {@link assemble} leaves it as it is.
   */
  awaitsSource(timeMs: number): boolean {
    return timeMs <= this.#unplacedUntilMs;
  }

  /** Everything, as JSON. */
  snapshot(): string {
    return writeSnapshot(this.#connections.entries(), this.#windows.save());
  }

  /** Replaces everything. Throws SyntaxError on what is no snapshot of this version, leaving the state as it was. */
  restore(json: string): void {
    const { connections, windows } = readSnapshot(json);
    this.#connections.clear();
    this.#bySource.clear();
    this.#unplacedUntilMs = Number.NEGATIVE_INFINITY;
    this.#windows.restore(windows);
    for (const { keys, connection } of connections) {
      for (const key of keys) this.#connections.set(key, connection);
      const source = connection.ip ?? connection.domain;
      if (connection.group === 'sshd' && source !== undefined) {
        this.#bySource.set(sourceKey(connection.host, source), connection);
      }
      if (connection.group === 'sshd') this.#noteUnplaced(connection);
    }
  }

  /**
   * A line that is no try itself can tell the address of one: of those before it on its connection, or of those after
   * it when it begins a connection. All others pass.
   */
  #assembleOther(event: FleetEvent): FleetEvent {
    if (event['source.ip'] === undefined || !SSHD_PROGRAMS.has(event['process.name'])) return event;
    if (event['event.action'] === 'ssh-connection' || event['event.outcome'] === 'failure') {
      return placeLate(this.#connectionOf(event, true), event);
    }
    if (!this.awaitsSource(event['@timestamp'])) return event;
    const found = this.#connections.get(connectionKey(event, this.#hostOf(event), true), event['@timestamp']);
    if (found === undefined || !found.admits(event['source.ip'], undefined) || this.#isOver(found, event)) return event;
    return placeLate(found, event);
  }

  #connectionOf(event: FleetEvent, isSshd: boolean): Connection {
    const key = connectionKey(event, this.#hostOf(event), isSshd);
    const timeMs = event['@timestamp'];
    const isPam = event['event.module'] === 'pam';
    let connection = this.#connections.get(key, timeMs);
    if (connection?.admits(event['source.ip'], event['source.domain']) && !this.#isOver(connection, event)) {
      if (connection.pam === (isPam ? 'none' : 'only')) connection.pam = 'own';
    } else {
      connection = this.#begin(event, key, isSshd, isPam);
    }
    connection.lastMs = Math.max(connection.lastMs, timeMs);
    connection.ip ??= event['source.ip'];
    connection.domain ??= event['source.domain'];
    return connection;
  }

  #begin(event: FleetEvent, key: string, isSshd: boolean, isPam: boolean): Connection {
    const host = this.#hostOf(event);
    const source = event['source.ip'] ?? event['source.domain'];
    const shared = isSshd && source !== undefined ? this.#childOrParent(event, source, isPam) : undefined;
    const group = groupOf(event, isSshd);
    const connection = shared ?? new Connection(host, group, pidOf(event, group) ?? -1, event['@timestamp']);
    if (shared === undefined && isPam) connection.pam = 'only';
    this.#connections.set(key, connection);
    if (isSshd && source !== undefined) this.#bySource.set(sourceKey(host, source), connection);
    return connection;
  }

  /** The other side of keyboard-interactive: PAM's child for a line of sshd, sshd for a line of PAM's child. */
  #childOrParent(event: FleetEvent, source: string, isPam: boolean): Connection | undefined {
    if (event['process.pid'] === undefined) return undefined;
    const found = this.#bySource.get(sourceKey(this.#hostOf(event), source), event['@timestamp']);
    if (found === undefined || Math.abs(event['@timestamp'] - found.lastMs) > CHILD_MS || found.pid < 0)
      return undefined;
    if (!(isPam ? found.pam === 'none' || found.pam === 'child' : found.pam === 'only')) return undefined;
    found.pam = 'child';
    return found;
  }

  #hostOf(event: FleetEvent): string {
    const name = event['host.name'];
    return this.#site === undefined || this.#site === name ? name : `${this.#site}/${name}`;
  }

  /** A host may hold what other computers forwarded to it. */
  #computerOf(event: FleetEvent): string {
    return `${this.#hostOf(event)}\n${event['winlog.computer_name'] ?? ''}`;
  }

  #noteUnplaced({ unplaced, lastMs }: Connection): void {
    if (unplaced.length > 0) this.#unplacedUntilMs = Math.max(this.#unplacedUntilMs, lastMs + this.#idleMs);
  }

  #isOver(connection: Connection, event: FleetEvent): boolean {
    return connection.started >= MAX_TRIES || Math.abs(event['@timestamp'] - connection.lastMs) > this.#idleMs;
  }
}

function place(connection: Connection, event: FleetEvent, role: AttemptRole): string[] {
  const line = lineOf(event);
  const count = event['fleetwall.attempt.count'] ?? 1;
  const action = event['event.action'];
  // PAM's summary leaves out the first failure, which has a line of its own.
  if (role === 'summary') return connection.placeSummary(line, action === 'pam-more-failures' ? count + 1 : count);
  if (role === 'attempt') return connection.place(line, 'attempt', count, false);
  const once = event['process.pid'] !== undefined && ONCE_PER_CONNECTION.has(action);
  return connection.place(line, `${action} ${partSource(event)}`, count, once);
}

/**
 * To know a copy of a line. Exim gives syslog every refused logon twice, for its main log and for its reject log
 * (`syslog_duplication`): the same words of the same process, but microseconds apart.
 */
function lineOf(event: FleetEvent): number {
  const original = event['event.original'];
  const timeMs = event['@timestamp'];
  if (event['event.module'] !== 'exim') return fingerprint(original, timeMs);
  const tag = original.indexOf(` ${event['process.name']}[${event['process.pid']}]: `);
  return tag < 0 ? fingerprint(original, timeMs) : fingerprint(original.slice(tag), Math.floor(timeMs / 1_000));
}

/** Which module, database of users or audited operation told of a part: each tells of every try by itself. */
function partSource(event: FleetEvent): string {
  if (event['event.action'] === 'dovecot-auth-failed') return String(event['fleetwall.auth.method'] ?? '');
  if (event['event.module'] === 'auditd') return String(event['event.reason'] ?? '');
  // A server and the one behind it log the same request, each in its own log.
  if (event['service.type'] === 'http') return event['process.name'];
  return String(event['fleetwall.pam.module'] ?? '');
}

/**
 * sshd has one process per connection; other programs serve many peers with one, and some write no pid at all. What a
 * service and PAM say of one try comes from different processes: those have their service and the peer in common.
 */
function connectionKey(event: FleetEvent, host: string, isSshd: boolean): string {
  const group = groupOf(event, isSshd);
  const pid = pidOf(event, group);
  if (isSshd && pid !== undefined) return `${host}\n${pid}`;
  const who = event['source.ip'] ?? event['source.domain'] ?? accountOf(event) ?? '';
  return `${host}\n${group}\n${pid ?? ''}\n${who}`;
}

/** Whose lines tell of the same tries: a service's, whichever of its processes or PAM wrote them, or a program's. */
function groupOf(event: FleetEvent, isSshd: boolean): string {
  if (isSshd) return 'sshd';
  const service = event['service.type'] ?? (event['event.module'] === 'pam' ? serviceOfPam(event) : undefined);
  if (service === undefined) return event['process.name'];
  return `service ${CHECKED_BY.get(String(service)) ?? service}`;
}

/** The process whose lines they are, where a group's lines are of one: a service's are of several. */
function pidOf(event: FleetEvent, group: string): number | undefined {
  return group === 'sshd' || group === event['process.name'] ? event['process.pid'] : undefined;
}

function serviceOfPam(event: FleetEvent): string | undefined {
  return SERVICE_OF_PAM.get(String(event['fleetwall.pam.service'] ?? '')) ?? SERVICE_OF_PAM.get(event['process.name']);
}

function sourceKey(host: string, source: string): string {
  return `${host}\n${source}`;
}

/** A failure that names no address happened on a connection whose address another line told. */
function recoverSource(connection: Connection, event: FleetEvent): void {
  if (event['source.ip'] !== undefined || connection.ip === undefined) return;
  event['source.ip'] = connection.ip;
  event['fleetwall.source.recovered'] = true;
}

/** The other way round: the first line with an address tells of the tries before it that had none. */
function placeLate(connection: Connection, event: FleetEvent): FleetEvent {
  if (connection.unplaced.length === 0) return event;
  const ids = connection.unplaced;
  connection.unplaced = [];
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
