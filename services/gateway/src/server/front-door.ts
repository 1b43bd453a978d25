import type { Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { countedAs } from '@fleetwall/core';
import type { GatewayLimits } from './limits.js';
import type { ServerStats } from './server-stats.js';
import { TokenBucket } from './token-bucket.js';

interface Pending {
  socket: Socket;
  address: string;
  deadline: NodeJS.Timeout;
}

/** Addresses whose rate is remembered; a flood from more of them meets the limit of pending connections. */
const MAX_ADDRESSES = 10_000;

/**
 * Accepts TCP connections before any TLS: a handshake costs milliseconds of this process, so those of one address are
 * counted and paced, and each has one deadline up to the end of its upgrade, however slowly it is fed.
 */
export class FrontDoor {
  readonly #tcp: Server;
  readonly #https: HttpsServer;
  readonly #limits: GatewayLimits;
  readonly #stats: ServerStats;
  readonly #sockets = new Set<Socket>();
  /** By remote address and port. */
  readonly #pending = new Map<string, Pending>();
  readonly #pendingOf = new Map<string, number>();
  readonly #rates = new Map<string, TokenBucket>();

  constructor(https: HttpsServer, limits: GatewayLimits, stats: ServerStats) {
    this.#https = https;
    this.#limits = limits;
    this.#stats = stats;
    this.#tcp = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) =>
      this.#enter(socket),
    );
  }

  listen(port: number, host: string | undefined): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen({ port, host, backlog: 1_024 }, () => {
        this.#tcp.off('error', reject);
        resolve(this.#tcp.address() as AddressInfo);
      });
    });
  }

  /** The upgrade is done: the deadline no longer holds. */
  admit(socket: { remoteAddress?: string; remotePort?: number }): void {
    this.#settle(keyOf(socket));
  }

  /** No new connections; those that are there go on. */
  stopListening(): void {
    this.#tcp.close();
  }

  /** Ends every connection at once. */
  close(): void {
    this.stopListening();
    for (const { deadline } of this.#pending.values()) clearTimeout(deadline);
    for (const socket of this.#sockets) socket.destroy();
  }

  #enter(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const address = countedAs(socket.remoteAddress?.replace(/%.*$/, '') ?? '');
    if (!this.#isPaced(address)) {
      this.#stats.droppedRate++;
      socket.resetAndDestroy();
      return;
    }
    const pendingHere = this.#pendingOf.get(address) ?? 0;
    const { pendingConnections, pendingPerAddress, handshakeTimeoutMs } = this.#limits;
    if (this.#pending.size >= pendingConnections || pendingHere >= pendingPerAddress) {
      this.#stats.droppedFull++;
      socket.resetAndDestroy();
      return;
    }
    const key = keyOf(socket);
    const deadline = setTimeout(() => {
      this.#stats.handshakeTimeouts++;
      socket.destroy();
    }, handshakeTimeoutMs);
    this.#pending.set(key, { socket, address, deadline });
    this.#pendingOf.set(address, pendingHere + 1);
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#settle(key);
    });
    this.#https.emit('connection', socket);
  }

  #isPaced(address: string): boolean {
    const nowMs = performance.now();
    const { connectionsPerAddressPerSecond: perSecond } = this.#limits;
    if (this.#rates.size >= MAX_ADDRESSES) {
      for (const [known, rate] of this.#rates) if (rate.isFull(nowMs)) this.#rates.delete(known);
      if (this.#rates.size >= MAX_ADDRESSES) return true;
    }
    const rate = this.#rates.get(address) ?? new TokenBucket(perSecond, 2 * perSecond, nowMs);
    this.#rates.set(address, rate);
    return rate.tryTake(nowMs);
  }

  #settle(key: string): void {
    const pending = this.#pending.get(key);
    if (!pending) return;
    clearTimeout(pending.deadline);
    this.#pending.delete(key);
    const others = (this.#pendingOf.get(pending.address) ?? 1) - 1;
    if (others > 0) this.#pendingOf.set(pending.address, others);
    else this.#pendingOf.delete(pending.address);
  }
}

function keyOf({ remoteAddress, remotePort }: { remoteAddress?: string; remotePort?: number }): string {
  return `${remoteAddress} ${remotePort}`;
}
