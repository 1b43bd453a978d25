import { type FleetEvent, foldedAccount } from '@fleetwall/core';
import { attemptId } from './attempt-id.js';
import { fingerprint } from './fingerprint.js';
import { RecentMap } from './recent-map.js';
import { WindowsLate } from './windows-late.js';
import { AFTER_MS, type WindowsPeer, WindowsPeers } from './windows-peers.js';
import { WindowsTries, type WindowsTry } from './windows-tries.js';

/** Hosts whose last seconds are remembered; a collector has one. */
const MAX_HOSTS = 1_000;
/** Longer than all that is asked about the past. */
const IDLE_MS = 60_000;
/** Failures that wait for their address at a time; beyond it the oldest goes on without. */
const MAX_WAITING = 256;

interface WindowsHost {
  peers: WindowsPeers;
  tries: WindowsTries;
  late: WindowsLate;
}

/** A failure that waits for its address, and the host that it is of. */
interface Waiting {
  host: string;
  event: FleetEvent;
}

/** What is saved of it. */
export interface WindowsSnapshot {
  hosts: [string, WindowsHost][];
  waiting: Waiting[];
}

/** Programs that ask for passwords in the name of their own peers, and where those peers' addresses are. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^w3wp\.exe$/i, 'iis'],
  [/^(microsoft\.exchange\.|msexchange|edgetransport)/i, 'exchange'],
  [/^sqlservr\.exe$/i, 'mssql'],
  [/^sshd\.exe$/i, 'openssh'],
];

/** `fleetwall.source_ip.from` by the event id that named the address. */
const NAMES: Readonly<Record<string, string>> = {
  131: 'rdp-connection',
  140: 'rdp-logon-failed',
  4771: 'kerberos-preauth-failed',
  18456: 'mssql-logon-failed',
};

/**
 * Events of Windows: each failed logon gets the id of its try, which several records may tell of, and a 4625 that names no
 * address gets that of the one peer that was there. Such a failure waits for two seconds, since the record of its connection
 * may be read later; nothing else waits. Pure: state comes from events only, and is bounded.
 */
export class WindowsAssembler {
  readonly #hosts = new RecentMap<WindowsHost>(MAX_HOSTS, IDLE_MS);
  #waiting: Waiting[] = [];

  /** Whether the event can tell something of a try or of who was there. */
  static concerns(event: FleetEvent): boolean {
    if (event['event.module'] !== 'windows') return false;
    return event['fleetwall.attempt.role'] !== undefined || peerKind(event) !== undefined;
  }

  /**
   * For readers that cannot wait: gives the event the id of its try, and no address, which may be known only later. The next
   * record of the one peer that was there then tells of the try as well. The same object is returned.
   */
  mark(event: FleetEvent, host: string): FleetEvent {
    const known = this.#place(event, host);
    const { late, peers } = this.#hostOf(host, event['@timestamp']);
    const from = peerKind(event);
    const ip = event['source.ip'];
    if (ip !== undefined && (from === '131' || from === '140')) {
      return tellsOf(event, late.takeFor(ip, event['@timestamp'], peers));
    }
    if (known === undefined || !isWithoutPeer(event)) return event;
    if (isOverNetwork(event)) late.add(event['@timestamp'], userOf(event), known.id);
    return withHint(event);
  }

  /**
   * The events that are ready: those of the same host whose wait is over by the time of this one (hosts' clocks differ), then
   * this one unless it waits.
   */
  take(event: FleetEvent, host: string): FleetEvent[] {
    const ready = this.release(event['@timestamp'], host);
    const known = this.#place(event, host);
    if (known === undefined || !isWithoutPeer(event)) return [...ready, event];
    const { ip, ipFrom } = known;
    // Of all others, the peers of the next two seconds tell whether they were the only ones.
    if (ip !== undefined && ipFrom === '18456') return [...ready, recovered(event, ip, ipFrom)];
    if (!isOverNetwork(event)) return [...ready, withHint(event)];
    this.#waiting.push({ host, event });
    const oldest = this.#waiting.length > MAX_WAITING ? this.#waiting.shift() : undefined;
    return oldest === undefined ? ready : [...ready, this.#settle(oldest)];
  }

  /** Those whose wait is over at this time, in the order in which they came. Absent host: all hosts. */
  release(timeMs: number, host?: string): FleetEvent[] {
    if (this.#waiting.length === 0) return [];
    const isOver = (one: Waiting) =>
      timeMs > one.event['@timestamp'] + AFTER_MS && (host === undefined || host === one.host);
    const over = this.#waiting.filter(isOver);
    if (over.length === 0) return [];
    this.#waiting = this.#waiting.filter((one) => !isOver(one));
    return over.map((one) => this.#settle(one));
  }

  save(): WindowsSnapshot {
    return { hosts: [...this.#hosts.entries()], waiting: this.#waiting };
  }

  /** Replaces everything. */
  restore(saved: WindowsSnapshot | undefined): void {
    this.#hosts.clear();
    this.#waiting = saved?.waiting ?? [];
    for (const [name, { peers, tries, late }] of saved?.hosts ?? []) {
      const host = newHost();
      Object.assign(host.peers, peers);
      Object.assign(host.tries, tries);
      Object.assign(host.late, late);
      this.#hosts.set(name, host);
    }
  }

  #place(event: FleetEvent, name: string): WindowsTry | undefined {
    const timeMs = event['@timestamp'];
    const host = this.#hostOf(name, timeMs);
    const user = userOf(event);
    const ip = event['source.ip'];
    const from = peerKind(event);
    if (from !== undefined && ip !== undefined) {
      host.peers.add(timeMs, ip, from, from === '4771' ? user : undefined);
    }
    if (event['fleetwall.attempt.role'] === undefined) return undefined;
    const account = { user, name: event['user.name'], hash: event['user.hash'] };
    const told = { ownId: idOf(event, name), timeMs, code: codeOf(event), ...account, ip };
    const found = host.tries.place(told);
    event['fleetwall.attempt.id'] = found.id;
    // 140 has none; with it, a mistype is known as such when the same account logs on.
    if (event['user.name'] === undefined && found.name !== undefined) {
      event['user.name'] = found.name;
      if (found.hash !== undefined) event['user.hash'] = found.hash;
    }
    return found;
  }

  /** The wait is over: what is known now is all that will be. */
  #settle({ host, event }: Waiting): FleetEvent {
    const timeMs = event['@timestamp'];
    const who = this.#hostOf(host, timeMs).peers.answer(timeMs, userOf(event));
    if (who === 'nobody') return withHint(event);
    if (who !== 'ambiguous') return recovered(event, who.ip, who.from);
    event['fleetwall.source_ip.confidence'] = 'ambiguous';
    return event;
  }

  #hostOf(name: string, timeMs: number): WindowsHost {
    const known = this.#hosts.get(name, timeMs);
    if (known !== undefined) return known;
    const host = newHost();
    this.#hosts.set(name, host);
    return host;
  }
}

function newHost(): WindowsHost {
  return { peers: new WindowsPeers(), tries: new WindowsTries(), late: new WindowsLate() };
}

/** A record about a connection tells of tries before it, beside its own where it is one. */
function tellsOf(event: FleetEvent, late: readonly string[]): FleetEvent {
  const own = event['fleetwall.attempt.id'];
  const ids = own === undefined ? [...late] : [own, ...late.filter((id) => id !== own)];
  const [first] = ids;
  if (first === undefined || late.length === 0) return event;
  event['event.category'] = ['authentication', ...event['event.category'].filter((name) => name !== 'authentication')];
  event['event.outcome'] = 'failure';
  event['fleetwall.attempt.role'] = 'part';
  event['fleetwall.source.recovered'] = true;
  event['fleetwall.attempt.id'] = first;
  if (ids.length > 1) event['fleetwall.attempt.ids'] = ids;
  return event;
}

function codeOf(event: FleetEvent): string {
  return String(event['event.code'] ?? '');
}

/** The account, whatever the case that its name is written in. */
function userOf(event: FleetEvent): string | undefined {
  const hash = event['user.hash'];
  return hash === undefined ? event['user.name']?.toLowerCase() : foldedAccount(hash);
}

/** The same for the same record, wherever and however often it is read. */
function idOf(event: FleetEvent, host: string): string {
  const record = event['winlog.record_id'] ?? fingerprint(event['event.original'], 0);
  const place = [host, event['winlog.computer_name'], event['winlog.channel'], record, event['@timestamp']];
  return attemptId(`windows\n${place.join('\n')}`, 0);
}

/** Records that tell who was there. A connection over UDP is not looked at: its address may be forged. */
function peerKind(event: FleetEvent): WindowsPeer['from'] | undefined {
  const action = event['event.action'];
  if (action === 'rdp-connection') return event['fleetwall.evidence'] === 'handshake' ? '131' : undefined;
  if (action === 'rdp-logon-failed') return '140';
  return action === 'kerberos-preauth-failed' ? '4771' : undefined;
}

function isWithoutPeer(event: FleetEvent): boolean {
  return event['event.action'] === 'windows-logon-failed' && event['source.ip'] === undefined;
}

/**
 * What RDP writes: type 10, and for Network Level Authentication type 3 without a process. All else (a service, the console,
 * a web server) has nothing to do with who is connected just then.
 */
function isOverNetwork(event: FleetEvent): boolean {
  const type = event['winlog.logon.type'];
  if (type === 'RemoteInteractive') return true;
  return (type === 'Network' || type === undefined) && event['process.executable'] === undefined;
}

function recovered(event: FleetEvent, ip: string, from: string): FleetEvent {
  event['source.ip'] = ip;
  event['fleetwall.source.recovered'] = true;
  event['fleetwall.source_ip.confidence'] = 'recovered';
  event['fleetwall.source_ip.from'] = NAMES[from] ?? from;
  // Kerberos may come in one UDP packet.
  if (from === '4771' && event['fleetwall.evidence'] === 'handshake') event['fleetwall.evidence'] = 'spoofable';
  return event;
}

function withHint(event: FleetEvent): FleetEvent {
  const hint = HINTS.find(([program]) => program.test(event['process.name']))?.[1];
  if (hint !== undefined) event['fleetwall.source_ip.hint'] = hint;
  return event;
}
