import type { FleetEvent } from '@fleetwall/core';
import { RecentMap } from './recent-map.js';

export interface Peer {
  ip: string | undefined;
  domain: string | undefined;
  port: number | undefined;
}

/** Connections of one server at a time; the one that began first is forgotten first. */
const MAX_CONNECTIONS = 10_000;

/**
 * Who is at the other end of a program's connections, by what the program calls them (a pid, a number): for lines that
 * name the connection and not the peer.
 */
export class RecentPeers {
  readonly #peers = new RecentMap<Peer>(MAX_CONNECTIONS);

  /** A connection began, as its event says; what bore the same name before is over. */
  begin(connection: string, event: FleetEvent): void {
    this.#peers.set(connection, {
      ip: event['source.ip'],
      domain: event['source.domain'],
      port: event['source.port'],
    });
  }

  end(connection: string): void {
    this.#peers.take(connection);
  }

  /** Adds the peer to an event that names none. */
  place(connection: string, event: FleetEvent): FleetEvent {
    const peer = this.#peers.get(connection);
    if (peer === undefined || event['source.ip'] !== undefined || event['source.domain'] !== undefined) return event;
    if (peer.ip !== undefined) event['source.ip'] = peer.ip;
    if (peer.domain !== undefined) event['source.domain'] = peer.domain;
    if (peer.port !== undefined) event['source.port'] = peer.port;
    if (peer.ip !== undefined) event['fleetwall.source.recovered'] = true;
    return event;
  }
}
