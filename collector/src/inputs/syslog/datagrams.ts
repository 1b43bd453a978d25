import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Delivery } from '../delivery.js';
import type { RawLine } from '../input.js';
import type { Arrivals } from './arrivals.js';
import { tellMessage } from './frames.js';

/** What waits at most, all senders together; what comes beyond it is lost, as it is in the kernel's own buffer. */
const MAX_WAITING = 20_000;
const MAX_BATCH = 500;
const RECEIVE_BUFFER_BYTES = 4 << 20;

export interface DatagramsOptions {
  host: string;
  port: number;
  maxLineBytes: number;
  /** Undefined for strangers, who are counted by the caller. */
  arrivalsOf: (peer: string) => Arrivals | undefined;
  onLost: (count: number) => void;
}

/** Syslog over UDP, RFC 5426: each datagram is a message. There is no way to make a sender wait. */
export class Datagrams {
  readonly #options: DatagramsOptions;
  readonly #delivery: Delivery;
  #socket: Socket | undefined;
  #waiting: RawLine[] = [];
  #handing: Promise<void> | undefined;

  constructor(options: DatagramsOptions, delivery: Delivery) {
    this.#options = options;
    this.#delivery = delivery;
  }

  /** Rejects when the address cannot be had. */
  async open(): Promise<number> {
    const { host, port } = this.#options;
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (bytes, info) => this.#take(bytes, info));
    socket.bind(port, host);
    await once(socket, 'listening');
    socket.on('error', () => undefined);
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch {
      // The system's own size then holds.
    }
    this.#socket = socket;
    return socket.address().port;
  }

  async close(): Promise<void> {
    this.#socket?.close();
    await this.#handing;
  }

  #take(bytes: Buffer, { address }: RemoteInfo): void {
    const arrivals = this.#options.arrivalsOf(address);
    if (arrivals === undefined) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#options.onLost(1);
      return;
    }
    tellMessage(bytes, 0, bytes.length, this.#options.maxLineBytes, (start, end, isCut) => {
      this.#waiting.push(arrivals.line(bytes, start, end, isCut));
      this.#handing ??= this.#handOver().finally(() => {
        this.#handing = undefined;
      });
    });
  }

  /** The oldest of what waits, one stream a batch. */
  async #handOver(): Promise<void> {
    while (this.#waiting.length > 0) {
      const piece = this.#waiting.splice(0, MAX_BATCH);
      const streams = new Map<string, RawLine[]>();
      for (const line of piece) {
        const lines = streams.get(line.stream);
        if (lines) lines.push(line);
        else streams.set(line.stream, [line]);
      }
      for (const lines of streams.values()) {
        if (!(await this.#delivery.deliver({ lines, bookmarks: {} }))) return;
      }
    }
  }
}
