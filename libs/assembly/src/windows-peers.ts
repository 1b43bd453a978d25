/** Connections of one peer in one second, as records told of them. */
export interface WindowsPeer {
  /** Of the first of them. */
  timeMs: number;
  ip: string;
  /** Event id: 131 and 140 of RdpCoreTS are about any account, 4771 of Kerberos about one. */
  from: '131' | '140' | '4771';
  /** In lower case; of 4771. */
  user: string | undefined;
  count: number;
  /** Tries that they have answered for. */
  answered: number;
}

/** Who was there at the time of a try: nobody known, one, or one of several. */
export type WhoWasThere = { ip: string; from: string } | 'nobody' | 'ambiguous';

/** A logon may take this long from the connection to its failure; a record of the same moment may be written later. */
const BEFORE_MS = 15_000;
export const AFTER_MS = 2_000;

const SECOND_MS = 1_000;
/** More peers and seconds than that, and nobody can be told apart. */
const MAX_PEERS = 128;
/**
 * Tries that one connection answers for. RDP asks for one password, some clients for two more; without a limit whoever
 * connects while something else fails all the time would answer for that.
 */
const TRIES_PER_CONNECTION = 3;

/**
 * Connections to one host that its records told of in the last seconds. A failure has the address of the one peer that was
 * there; where there were several it has none, ever. The fields are the state, saved as they are.
 */
export class WindowsPeers {
  peers: WindowsPeer[] = [];
  /** What was up to this time is not known in full: too many came. */
  forgottenMs = Number.MIN_SAFE_INTEGER;

  add(timeMs: number, ip: string, from: WindowsPeer['from'], user: string | undefined): void {
    const known = this.peers.find((peer) => isSamePeer(peer, ip, from, user) && isInSecond(timeMs, peer.timeMs));
    if (known !== undefined) {
      known.count++;
      return;
    }
    this.peers = this.peers.filter((peer) => peer.timeMs >= timeMs - 3 * BEFORE_MS);
    this.peers.push({ timeMs, ip, from, user, count: 1, answered: 0 });
    if (this.peers.length <= MAX_PEERS) return;
    this.peers.sort((a, b) => a.timeMs - b.timeMs);
    this.forgottenMs = Math.max(this.forgottenMs, this.peers.shift()?.timeMs ?? this.forgottenMs);
  }

  /** Who was there for a try of `user` at `timeMs`. Every answer counts against the one whom it names. */
  answer(timeMs: number, user: string | undefined): WhoWasThere {
    if (this.forgottenMs >= timeMs - BEFORE_MS) return 'ambiguous';
    const there = this.peers.filter((peer) => peer.timeMs >= timeMs - BEFORE_MS && peer.timeMs <= timeMs + AFTER_MS);
    const candidates = there.filter((peer) => peer.from !== '4771' || (user !== undefined && peer.user === user));
    const [first] = candidates;
    if (first === undefined) return 'nobody';
    if (candidates.some(({ ip }) => ip !== first.ip)) return 'ambiguous';
    // RDP's own records are the better evidence: Kerberos may come in one UDP packet.
    const overRdp = candidates.filter(({ from }) => from !== '4771');
    const answering = overRdp.length > 0 ? overRdp : candidates;
    const free = answering.find(({ count, answered }) => answered < count * TRIES_PER_CONNECTION);
    if (free === undefined) return 'ambiguous';
    free.answered++;
    return { ip: free.ip, from: free.from };
  }
}

function isSamePeer(peer: WindowsPeer, ip: string, from: string, user: string | undefined): boolean {
  return peer.ip === ip && peer.from === from && peer.user === user;
}

function isInSecond(timeMs: number, firstMs: number): boolean {
  return timeMs >= firstMs && timeMs < firstMs + SECOND_MS;
}
