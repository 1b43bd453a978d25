import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type Clock, FleetwallError } from '@fleetwall/core';
import { COLLECTOR_PATH, chooseSubprotocol, protocolError } from '@fleetwall/protocol';
import { WebSocketServer } from 'ws';
import type { Credential, Credentials } from '../credentials/credentials.js';
import type { GatewayPipeline } from '../pipeline.js';
import type { CertificateWatch } from '../tls/certificate-watch.js';
import { Connection, type ConnectionContext, type ConnectionStatus, type GatewayNotice } from './connection.js';
import { FrontDoor } from './front-door.js';
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.js';
import { ReadingGate } from './reading-gate.js';
import { Roster } from './roster.js';
import { noStats, type ServerStats } from './server-stats.js';
import { checkUpgrade, refuseUpgrade } from './upgrade.js';

export interface GatewayServerOptions {
  /** Address to listen on; all when absent. */
  host?: string;
  /** 0: any free one. */
  port: number;
  tls: CertificateWatch;
  credentials: Credentials;
  /** Started already: it knows every block. */
  pipeline: GatewayPipeline;
  clock: Clock;
  /** The fleet's secret for names of accounts. */
  nameKey?: Buffer;
  limits?: Partial<GatewayLimits>;
  onNotice: (notice: GatewayNotice) => void;
  onError: (error: unknown) => void;
}

/** After a close, the other side has this long to answer it. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Pieces in which a message that is not whole may have come from the network. */
const MAX_BUFFERED_CHUNKS = 4_096;

/** Where collectors connect: TLS, the upgrade to a WebSocket, and one {@link Connection} for each. */
export class GatewayServer {
  readonly #options: GatewayServerOptions;
  readonly #limits: GatewayLimits;
  readonly #stats = noStats();
  readonly #gate: ReadingGate;
  readonly #roster = new Roster();
  readonly #https: HttpsServer;
  readonly #door: FrontDoor;
  readonly #webSockets: WebSocketServer;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<Connection>();
  readonly #pinging: NodeJS.Timeout;
  #stopping: Promise<void> | undefined;
  port = 0;

  /** Resolves when it listens. Rejects with the system's error when the address cannot be had. */
  static async listen(options: GatewayServerOptions): Promise<GatewayServer> {
    const server = new GatewayServer(options);
    try {
      server.port = (await server.#door.listen(options.port, options.host)).port;
    } catch (error) {
      await server.stop(0);
      throw error;
    }
    return server;
  }

  private constructor(options: GatewayServerOptions) {
    const { tls, credentials, pipeline, clock, nameKey, onNotice, onError } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const limits = this.#limits;
    this.#gate = new ReadingGate(limits.bytesUnderWay);
    this.#https = createServer({
      ...secureContextOf(tls),
      maxHeaderSize: limits.headerBytes,
      handshakeTimeout: limits.handshakeTimeoutMs,
      headersTimeout: limits.handshakeTimeoutMs,
      requestTimeout: limits.handshakeTimeoutMs,
    });
    this.#https.on('tlsClientError', () => this.#stats.tlsErrors++);
    this.#https.on('clientError', (error, socket) => this.#onBadRequest(error, socket));
    this.#https.on('request', (request, response) => this.#onRequest(request, response));
    this.#https.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#door = new FrontDoor(this.#https, limits, this.#stats);
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      ...messageLimits(limits),
      handleProtocols: (offers) => chooseSubprotocol([...offers].join(',')) ?? false,
    });
    this.#webSockets.on('wsClientError', (_error, socket) => {
      refuseUpgrade(socket, protocolError('UPGRADE_INVALID', { path: COLLECTOR_PATH }), this.#stats);
    });
    this.#context = {
      ...{ pipeline, limits, clock, onNotice, onError },
      roster: this.#roster,
      gate: this.#gate,
      stats: this.#stats,
      gateway: hostname(),
      nextPins: () => tls.current.nextPins,
      ...(nameKey && { nameKey: nameKey.toString('hex') }),
    };
    credentials.onChange(() => this.#dropRevoked());
    tls.onChange(() => this.#renewCertificate());
    this.#pinging = setInterval(() => this.#ping(), limits.pingMs);
  }

  /** Numbers for metrics. */
  get stats(): ServerStats {
    return { ...this.#stats, bytesUnderWay: this.#gate.bytes };
  }

  /** The pin of the key that is served. */
  get pin(): string {
    return this.#options.tls.current.pin;
  }

  /** Collectors that said hello. */
  connections(): ConnectionStatus[] {
    return this.#roster.all().map(({ status }) => status);
  }

  /** Ends the connection of a collector, which connects again. */
  cut(agentId: string): void {
    for (const connection of this.#connections) if (connection.identity.agentId === agentId) connection.terminate();
  }

  /** Takes no new connections and no new batches; acknowledges what becomes durable within the time; then closes. */
  stop(drainMs = 5_000): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  async #stop(drainMs: number): Promise<void> {
    clearInterval(this.#pinging);
    this.#door.stopListening();
    const deadline = AbortSignal.timeout(drainMs);
    await Promise.all([...this.#connections].map((connection) => connection.drain(deadline)));
    const giveUpMs = performance.now() + CLOSE_TIMEOUT_MS;
    while (this.#connections.size > 0 && performance.now() < giveUpMs)
      await new Promise((done) => setTimeout(done, 10));
    for (const connection of this.#connections) connection.terminate();
    this.#door.close();
    this.#https.close();
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { credentials } = this.#options;
    let credential: Credential;
    try {
      const isFull = () => this.#connections.size >= this.#limits.connections || this.#stopping !== undefined;
      credential = checkUpgrade(request, credentials, isFull);
    } catch (error) {
      if (error instanceof FleetwallError) refuseUpgrade(socket, error, this.#stats);
      else socket.destroy();
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (ws) => {
      const tls = request.socket as TLSSocket;
      this.#door.admit(tls);
      const connection = new Connection(ws, credential, tls.remoteAddress ?? '', this.#context);
      this.#connections.add(connection);
      ws.on('close', () => this.#connections.delete(connection));
    });
  }

  /** There is nothing here but the upgrade. */
  #onRequest(_request: IncomingMessage, response: ServerResponse): void {
    this.#stats.refusedUpgrades++;
    response.writeHead(404, { connection: 'close' }).end();
  }

  #onBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    this.#stats.refusedUpgrades++;
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.on('error', () => undefined);
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #ping(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections) connection.tick(nowMs);
  }

  #dropRevoked(): void {
    for (const connection of this.#connections) {
      if (this.#options.credentials.holds(connection.credential)) continue;
      connection.close('CREDENTIAL_REVOKED', { agent: connection.identity.agentId });
    }
  }

  #renewCertificate(): void {
    const { tls } = this.#options;
    this.#https.setSecureContext(secureContextOf(tls));
    for (const connection of this.#connections) connection.tellPins(tls.current.nextPins);
  }
}

function messageLimits({ frameBytes, fragments }: GatewayLimits) {
  return {
    maxPayload: frameBytes,
    maxFragments: fragments,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
}

function secureContextOf(tls: CertificateWatch) {
  const { cert, key } = tls.current;
  return { cert, key, minVersion: 'TLSv1.2' as const, honorCipherOrder: true };
}
