import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Clock } from '@fleetwall/core';
import { Delivery } from '../delivery.js';
import { type Bookmarks, emptyStats, type Input, type InputStats, type LineSink } from '../input.js';
import { lineLimit } from '../line-ids.js';
import { Problems, reasonOf } from '../problems.js';
import { Arrivals } from './arrivals.js';
import { readConnection } from './connection.js';
import { Datagrams } from './datagrams.js';
import { type SenderOptions, Senders, type Transport } from './senders.js';

export interface Listen {
  host: string;
  /** 0: any free one. */
  port: number;
}

export interface SyslogOptions {
  udp?: Listen;
  tcp?: Listen;
  /** RFC 5425. With `ca`, a sender has to show a certificate that it signed. */
  tls?: Listen & Pick<TlsOptions, 'cert' | 'key' | 'ca'>;
  senders: readonly SenderOptions[];
  maxLineBytes?: number;
  clock?: Clock;
}

const MAX_CONNECTIONS = 1_000;
const MAX_CONNECTIONS_PER_SENDER = 50;
const HANDSHAKE_MS = 10_000;
const MAX_DATAGRAM_PEERS = 10_000;

/**
 * Listens for syslog of devices that can run no collector: over UDP (RFC 5426), TCP (RFC 6587) and TLS (RFC 5425). The host of
 * an event is the one that the configuration gives the sender's address; what a message says of its host is not believed.
 * Whatever strangers send is counted and thrown away.
 */
export class SyslogInput implements Input {
  readonly name = 'syslog';
  readonly finished: Promise<void>;
  /** Where it listens, by transport. */
  readonly ports = new Map<Transport, number>();
  /** Messages and connections that were not taken, by reason. */
  readonly refused = { stranger: 0, tooMany: 0, broken: 0, overrun: 0 };
  #finish: () => void = () => undefined;
  readonly #options: SyslogOptions;
  readonly #senders: Senders;
  readonly #clock: Clock;
  readonly #problems: Problems;
  readonly #totals = emptyStats();
  readonly #maxLineBytes: number;
  /** Numbers of messages begin anew with every process. */
  readonly #occasion = randomUUID();
  readonly #datagramsBy = new Map<string, Arrivals>();
  readonly #connections = new Map<Socket, Promise<void>>();
  #servers: Server[] = [];
  #datagrams: Datagrams | undefined;
  #delivery: Delivery | undefined;
  #connectionCount = 0;

  /** Throws ADDRESS_INVALID for a sender that is no address or network. */
  constructor(options: SyslogOptions) {
    this.#options = options;
    this.#senders = new Senders(options.senders);
    this.#clock = options.clock ?? Date.now;
    this.#problems = new Problems(this.#clock);
    this.#maxLineBytes = lineLimit(options.maxLineBytes);
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(_bookmarks: Bookmarks, sink: LineSink): Promise<void> {
    const delivery = new Delivery(sink, this.#totals);
    this.#delivery = delivery;
    const { udp, tcp, tls } = this.#options;
    if (udp) await this.#listen('udp', udp, () => this.#openDatagrams(udp, delivery));
    if (tcp) await this.#listen('tcp', tcp, () => this.#openServer(createServer(), 'connection', 'tcp', tcp));
    if (tls) {
      const { host, port, ...secrets } = tls;
      const options = { ...secrets, requestCert: secrets.ca !== undefined, minVersion: 'TLSv1.2' as const };
      const server = createTlsServer({ ...options, handshakeTimeout: HANDSHAKE_MS });
      await this.#listen('tls', tls, () => this.#openServer(server, 'secureConnection', 'tls', { host, port }));
    }
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#connections.keys()) socket.destroy();
    await this.#delivery?.stop();
    await this.#datagrams?.close();
    await Promise.all(this.#connections.values());
    this.#finish();
  }

  stats(): InputStats {
    const streams = this.#connections.size + this.#datagramsBy.size;
    const refused = Object.values(this.refused).reduce((sum, count) => sum + count, 0);
    return { ...this.#totals, streams, openFiles: this.#connections.size, refused, problems: this.#problems.list() };
  }

  /** An address that cannot be had is a problem of its own; the others are listened at. */
  async #listen(transport: Transport, { host, port }: Listen, open: () => Promise<number>): Promise<void> {
    try {
      this.ports.set(transport, await open());
    } catch (error) {
      const stream = `syslog/${transport}`;
      this.#problems.report(stream, 'SYSLOG_UNAVAILABLE', { transport, host, port, reason: reasonOf(error) });
    }
  }

  async #openDatagrams({ host, port }: Listen, delivery: Delivery): Promise<number> {
    const datagrams = new Datagrams(
      {
        host,
        port,
        maxLineBytes: this.#maxLineBytes,
        arrivalsOf: (peer) => this.#datagramsOf(peer),
        onLost: (count) => {
          this.refused.overrun += count;
          this.#problems.mention('syslog/udp', 'SYSLOG_OVERRUN', { count: this.refused.overrun });
        },
      },
      delivery,
    );
    const bound = await datagrams.open();
    this.#datagrams = datagrams;
    return bound;
  }

  #datagramsOf(peer: string): Arrivals | undefined {
    const known = this.#datagramsBy.get(peer);
    if (known !== undefined) return known;
    const sender = this.#senders.of(peer, 'udp');
    if (sender === undefined) {
      this.refused.stranger++;
      return undefined;
    }
    // Anyone can write any address of a permitted network into a datagram.
    if (this.#datagramsBy.size >= MAX_DATAGRAM_PEERS) this.#datagramsBy.clear();
    const occasion = `${this.#occasion} ${this.#connectionCount++}`;
    const arrivals = new Arrivals(`syslog/udp/${sender.host}/${peer}`, occasion, sender, this.#clock);
    this.#datagramsBy.set(peer, arrivals);
    return arrivals;
  }

  async #openServer(
    server: Server,
    event: 'connection' | 'secureConnection',
    transport: 'tcp' | 'tls',
    { host, port }: Listen,
  ): Promise<number> {
    server.maxConnections = MAX_CONNECTIONS;
    server.on(event, (socket: Socket) => this.#accept(socket, transport));
    // A peer without a certificate, or that speaks no TLS at all.
    server.on('tlsClientError', () => {
      this.refused.broken++;
    });
    server.on('drop', () => {
      this.refused.tooMany++;
    });
    server.listen(port, host);
    await once(server, 'listening');
    server.on('error', () => undefined);
    this.#servers.push(server);
    return (server.address() as { port: number }).port;
  }

  #accept(socket: Socket, transport: 'tcp' | 'tls'): void {
    socket.on('error', () => socket.destroy());
    const peer = socket.remoteAddress ?? '';
    const sender = this.#senders.of(peer, transport);
    const ofPeer = [...this.#connections.keys()].filter(({ remoteAddress }) => remoteAddress === peer).length;
    if (sender === undefined || this.#delivery === undefined || ofPeer >= MAX_CONNECTIONS_PER_SENDER) {
      this.refused[sender === undefined ? 'stranger' : 'tooMany']++;
      socket.destroy();
      return;
    }
    const occasion = `${this.#occasion} ${this.#connectionCount++}`;
    const reading = readConnection({
      socket,
      arrivals: new Arrivals(`syslog/${transport}/${sender.host}/${peer}`, occasion, sender, this.#clock),
      delivery: this.#delivery,
      totals: this.#totals,
      maxLineBytes: this.#maxLineBytes,
      onBroken: (reason) => {
        this.refused.broken++;
        this.#problems.mention(`syslog/${transport}/${peer}`, 'SYSLOG_BROKEN', { peer, reason });
      },
    });
    this.#connections.set(
      socket,
      reading.finally(() => this.#connections.delete(socket)),
    );
  }
}
