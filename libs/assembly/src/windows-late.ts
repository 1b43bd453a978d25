import { AFTER_MS, type WindowsPeers } from './windows-peers.js';

/** Beyond it the oldest stays without an address. */
const MAX_KEPT = 256;
/** Whoever tries passwords comes again within this. */
const OWED_MS = 60_000;

/**
 * For readers that cannot wait: tries of one host that were told of without an address. When their two seconds are over and one
 * peer was there, the next record of that peer's connection tells of them. The fields are the state, saved as they are.
 */
export class WindowsLate {
  unplaced: { timeMs: number; user: string | undefined; id: string }[] = [];
  owed: { timeMs: number; ip: string; id: string }[] = [];

  add(timeMs: number, user: string | undefined, id: string): void {
    if (this.unplaced.some((known) => known.id === id)) return;
    this.unplaced.push({ timeMs, user, id });
    if (this.unplaced.length > MAX_KEPT) this.unplaced.shift();
  }

  /** The tries that a record of this peer at this time is to tell of. */
  takeFor(ip: string, timeMs: number, peers: WindowsPeers): string[] {
    this.#settle(timeMs, peers);
    const owed = this.owed.filter((one) => one.timeMs >= timeMs - OWED_MS).slice(-MAX_KEPT);
    this.owed = owed.filter((one) => one.ip !== ip);
    return owed.filter((one) => one.ip === ip).map(({ id }) => id);
  }

  #settle(timeMs: number, peers: WindowsPeers): void {
    const over = this.unplaced.filter((one) => timeMs > one.timeMs + AFTER_MS);
    if (over.length === 0) return;
    this.unplaced = this.unplaced.filter((one) => timeMs <= one.timeMs + AFTER_MS);
    for (const one of over) {
      const who = peers.answer(one.timeMs, one.user);
      // A forged packet of Kerberos must not make a try of somebody's connection.
      if (typeof who === 'object' && who.from !== '4771')
        this.owed.push({ timeMs: one.timeMs, ip: who.ip, id: one.id });
    }
  }
}
