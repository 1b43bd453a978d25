import type { FleetEvent } from '@fleetwall/core';
import { attemptId } from './attempt-id.js';
import { fingerprint } from './fingerprint.js';
import { RecentMap } from './recent-map.js';
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

  /** Gives the event the id of its try, and no address: that may be known only later. The same object is returned. */
  mark(event: FleetEvent, host: string): FleetEvent {
    const known = this.#place(event, host);
    return known !== undefined && isWithoutPeer(event) ? withHint(event) : event;
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
    for (const [name, { peers, tries }] of saved?.hosts ?? []) {
      const host = { peers: new WindowsPeers(), tries: new WindowsTries() };
      Object.assign(host.peers, peers);
      Object.assign(host.tries, tries);
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
    const found = host.tries.place({ ownId: idOf(event, name), timeMs, code: codeOf(event), user, ip });
    event['fleetwall.attempt.id'] = found.id;
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
    const host = { peers: new WindowsPeers(), tries: new WindowsTries() };
    this.#hosts.set(name, host);
    return host;
  }
}

function codeOf(event: FleetEvent): string {
  return String(event['event.code'] ?? '');
}

function userOf(event: FleetEvent): string | undefined {
  return event['user.name']?.toLowerCase();
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
  return type === 'RemoteInteractive' || (type === 'Network' && event['process.executable'] === undefined);
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
