import type { IncomingMessage } from 'node:http';
import { FleetwallError } from '@fleetwall/core';
import {
  COLLECTOR_PATH,
  type CollectorMessage,
  decodeGatewayMessage,
  type GatewayMessage,
  type Hello,
  type Notice,
  SUBPROTOCOLS,
  type Welcome,
} from '@fleetwall/protocol';
import { WebSocket } from 'ws';
import { uplinkError } from './errors.js';
import type { KnownPins } from './known-pins.js';
import { openSecureSocket } from './secure-socket.js';

export interface GatewayLinkOptions {
  /** `wss://gateway:8687`. */
  url: URL;
  token: string;
  pins: KnownPins;
  ca?: string;
  proxy?: string;
  /** From the first packet to the welcome. */
  connectTimeoutMs: number;
  hello: () => Hello;
  /** Every message but the welcome. Throws what ends the connection. */
  onMessage: (message: GatewayMessage) => void;
  /** A message type of a later version. */
  onUnknown: (name: string) => void;
}

/** Larger messages than a gateway sends. */
const MAX_MESSAGE_BYTES = 16 << 20;
const MAX_REFUSAL_BYTES = 4_096;
const CLOSE_TIMEOUT_MS = 2_000;

/** One connection that a gateway has welcomed. */
export class GatewayLink {
  /** Resolves with the reason when it is over. */
  readonly ended: Promise<FleetwallError>;
  readonly #ws: WebSocket;
  /** The latest; one with the code of a close explains it. */
  #notice: Notice | undefined;

  /** @throws the reason why there is none, of {@link UPLINK_ERRORS} */
  static async open(
    options: GatewayLinkOptions,
    closing: AbortSignal,
  ): Promise<{ link: GatewayLink; welcome: Welcome; pin: string }> {
    const { url, connectTimeoutMs } = options;
    const attempt = new AbortController();
    const giveUp = () => attempt.abort();
    closing.addEventListener('abort', giveUp);
    const deadline = setTimeout(giveUp, connectTimeoutMs);
    try {
      const port = Number(url.port || 443);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const { socket, pin } = await openSecureSocket({ ...options, host, port, signal: attempt.signal });
      const path = url.pathname === '/' ? COLLECTOR_PATH : url.pathname;
      const ws = new WebSocket(`wss://${url.host}${path}`, [...SUBPROTOCOLS], {
        createConnection: () => socket,
        headers: { authorization: `Bearer ${options.token}` },
        perMessageDeflate: false,
        maxPayload: MAX_MESSAGE_BYTES,
        ...{ closeTimeout: CLOSE_TIMEOUT_MS },
      });
      const link = new GatewayLink(ws, options);
      const welcome = await link.#welcomed(options, attempt.signal);
      return { link, welcome, pin };
    } finally {
      clearTimeout(deadline);
      closing.removeEventListener('abort', giveUp);
    }
  }

  private constructor(ws: WebSocket, { url }: GatewayLinkOptions) {
    this.#ws = ws;
    const gateway = url.host;
    let fault: Error | undefined;
    ws.on('error', (error) => {
      fault = error;
    });
    this.ended = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        const refusal = reason.toString('utf8');
        if (fault instanceof FleetwallError) resolve(fault);
        else if (this.#notice?.code === refusal) {
          const { message, hint } = this.#notice;
          resolve(uplinkError('UPLINK_REFUSED', { gateway, status: code, reason: message, hint, refusal }));
        } else {
          const words = fault?.message || refusal || (code === 1006 ? 'it was cut' : `code ${code}`);
          resolve(uplinkError('UPLINK_LOST', { gateway, reason: words, closeCode: code }, { cause: fault }));
        }
      });
      ws.on('unexpected-response', (_request, response) => void readRefusal(response, gateway).then(resolve));
    });
  }

  sendFrame(frame: Buffer): void {
    this.#ws.send(frame, { binary: true }, () => undefined);
  }

  send(message: CollectorMessage): void {
    this.#ws.send(JSON.stringify(message), () => undefined);
  }

  close(): void {
    this.#ws.close(1000);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Says hello, and from the welcome on hands over what comes. Ends the connection when nothing comes for too long. */
  #welcomed(options: GatewayLinkOptions, signal: AbortSignal): Promise<Welcome> {
    const { hello, onMessage, onUnknown, url } = options;
    const ws = this.#ws;
    let isWelcome = false;
    return new Promise((resolve, reject) => {
      const lateMs = options.connectTimeoutMs;
      const onLate = () => {
        reject(uplinkError('UPLINK_UNREACHABLE', { gateway: url.host, reason: `no welcome within ${lateMs} ms` }));
        ws.terminate();
      };
      signal.addEventListener('abort', onLate, { once: true });
      void this.ended.then(reject);
      ws.on('open', () => this.send(hello()));
      ws.on('message', (data: Buffer, isBinary) => {
        try {
          if (isBinary) return;
          const message = decodeGatewayMessage(data.toString('utf8'));
          if (message.type === 'notice') this.#notice = message;
          if (message.type === 'unknown') onUnknown(message.name);
          else if (message.type === 'welcome') {
            isWelcome = true;
            signal.removeEventListener('abort', onLate);
            this.#watch(message.pingMs, url.host);
            resolve(message);
          } else if (isWelcome || message.type === 'notice') onMessage(message);
        } catch (error) {
          ws.emit('error', error as Error);
          ws.terminate();
        }
      });
    });
  }

  #watch(pingMs: number, gateway: string): void {
    const silentMs = 2.5 * pingMs;
    let heardMs = performance.now();
    const hear = () => {
      heardMs = performance.now();
    };
    this.#ws.on('ping', hear);
    this.#ws.on('message', hear);
    const watch = setInterval(() => {
      if (performance.now() - heardMs <= silentMs) return;
      this.#ws.emit('error', uplinkError('UPLINK_SILENT', { gateway, seconds: Math.round(silentMs / 1_000) }));
      this.#ws.terminate();
    }, pingMs / 2);
    void this.ended.then(() => clearInterval(watch));
  }
}

/** What a gateway, or whoever answers in its place, says when it refuses an upgrade. */
async function readRefusal(response: IncomingMessage, gateway: string): Promise<FleetwallError> {
  const status = response.statusCode ?? 0;
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
    const { message, hint, code } = JSON.parse(text) as Record<string, unknown>;
    if (typeof message !== 'string' || typeof hint !== 'string') throw new Error('it is no refusal');
    return uplinkError('UPLINK_REFUSED', { gateway, status, reason: message, hint, refusal: String(code) });
  } catch {
    const hint = 'Check that the address is that of the gateway.';
    return uplinkError('UPLINK_REFUSED', { gateway, status, reason: response.statusMessage ?? '', hint });
  } finally {
    response.destroy();
  }
}
