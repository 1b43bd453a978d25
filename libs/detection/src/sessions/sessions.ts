import { type FleetEvent, hostOf } from '@fleetwall/core';

/** Somebody was connected to a host. Times are event times, milliseconds since 1970 UTC. */
export interface Session {
  account: string;
  /** Absent where no event tells of one: the console, a session manager alone. */
  address?: string;
  host: string;
  /** Absent where only its end is told. */
  fromMs?: number;
  /** Absent while no end is told: connected still, or the end was lost. */
  untilMs?: number;
  /** What the system calls it (`fleetwall.session.id`). */
  id?: string;
}

/** A session manager tells of a session so soon after the program that let its owner in. */
const SAME_SESSION_MS = 5_000;

/**
 * Who was connected when, oldest first: a fold of logons, session starts and session ends. What belongs together is told
 * by the system's session id, or by the process that serves one connection; a process without a logon from an address is
 * no session (cron opens one every minute).
 *
 * @param events in any order; a logon that comes twice is one session
 */
export function sessionsOf(events: Iterable<FleetEvent>): Session[] {
  const fold = new SessionFold();
  for (const event of [...events].sort((a, b) => a['@timestamp'] - b['@timestamp'])) fold.add(event);
  return fold.sessions.sort((a, b) => startOf(a) - startOf(b));
}

class SessionFold {
  readonly sessions: Session[] = [];
  /** Those that are open, by host and process or by host and session id. */
  readonly #open = new Map<string, Session>();

  add(event: FleetEvent): void {
    if (isEnd(event)) this.#end(event);
    else if (isStart(event)) this.#start(event);
  }

  #start(event: FleetEvent): void {
    const { '@timestamp': fromMs, 'user.name': account, 'source.ip': address } = event;
    const id = idOf(event);
    const key = keyOf(event);
    if (account === undefined || key === undefined) return;
    const host = hostOf(event);
    const known = this.#open.get(key) ?? (id === undefined ? undefined : this.#sameSession(host, account, fromMs));
    if (known && known.account === account && (known.address ?? address) === (address ?? known.address)) {
      this.#open.set(key, known);
      if (id !== undefined) known.id = id;
      if (address !== undefined) known.address = address;
      return;
    }
    if (id === undefined && address === undefined) return;
    // A process id or session id that is used again: of the end of the one before nobody told.
    const session = {
      account,
      ...(address !== undefined && { address }),
      host,
      fromMs,
      ...(id !== undefined && { id }),
    };
    this.sessions.push(session);
    this.#open.set(key, session);
  }

  #end(event: FleetEvent): void {
    const { '@timestamp': untilMs, 'user.name': account, 'source.ip': address } = event;
    const key = keyOf(event);
    const known = key === undefined ? undefined : this.#open.get(key);
    if (key !== undefined) this.#open.delete(key);
    if (known) {
      known.untilMs ??= untilMs;
      return;
    }
    const id = idOf(event);
    if (account === undefined || id === undefined) return;
    this.sessions.push({ account, ...(address !== undefined && { address }), host: hostOf(event), untilMs, id });
  }

  /** The one session without an id that the account has just begun on that host; none where there are two. */
  #sameSession(host: string, account: string, atMs: number): Session | undefined {
    const candidates = [...this.#open.values()].filter(
      (one) =>
        one.host === host && one.account === account && one.id === undefined && atMs - startOf(one) <= SAME_SESSION_MS,
    );
    return candidates.length === 1 ? candidates[0] : undefined;
  }
}

/** A logon that succeeded, or the start of a session. */
function isStart(event: FleetEvent): boolean {
  const categories = event['event.category'];
  if (categories.includes('authentication')) return event['event.outcome'] === 'success';
  return categories.includes('session') && event['event.type'].includes('start');
}

function isEnd(event: FleetEvent): boolean {
  const categories = event['event.category'];
  return (
    (categories.includes('session') || categories.includes('authentication')) && event['event.type'].includes('end')
  );
}

function keyOf(event: FleetEvent): string | undefined {
  const id = idOf(event);
  if (id !== undefined) return `${hostOf(event)}\x1fid ${id}`;
  const pid = event['process.pid'];
  return pid === undefined ? undefined : `${hostOf(event)}\x1fprocess ${pid}`;
}

function idOf(event: FleetEvent): string | undefined {
  const id = event['fleetwall.session.id'];
  return typeof id === 'string' ? id : undefined;
}

function startOf({ fromMs, untilMs }: Session): number {
  return fromMs ?? (untilMs as number);
}
