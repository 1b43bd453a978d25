import type { Socket } from 'node:net';
import type { Delivery } from '../delivery.js';
import type { InputStats, RawLine } from '../input.js';
import type { Arrivals } from './arrivals.js';
import { FramingError, frameMessages, newFrameState } from './frames.js';

/** A device that says nothing for so long has gone; it connects again when it has something to say. */
const IDLE_MS = 3_600_000;

export interface ConnectionOptions {
  socket: Socket;
  arrivals: Arrivals;
  delivery: Delivery;
  totals: InputStats;
  maxLineBytes: number;
  /** The stream is none of syslog; the connection was closed. */
  onBroken: (reason: string) => void;
}

/** Reads one connection to its end. While a batch is handed over nothing more is read, so the sender has to wait. */
export async function readConnection(options: ConnectionOptions): Promise<void> {
  const { socket, totals, onBroken } = options;
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  const state = newFrameState();
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of socket as AsyncIterable<Buffer>) {
      totals.bytes += piece.length;
      const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
      const consumed = await take(bytes, state, false, options);
      if (consumed === undefined) return;
      rest = Buffer.from(bytes.subarray(consumed));
    }
    if (rest.length > 0) await take(rest, state, true, options);
  } catch (error) {
    // What a peer that vanished leaves (ECONNRESET and the like) is no news.
    if (error instanceof FramingError) onBroken(error.message);
  } finally {
    socket.destroy();
  }
}

/** How many bytes need not come again; undefined when nothing more is taken. */
async function take(
  bytes: Buffer,
  state: ReturnType<typeof newFrameState>,
  final: boolean,
  { arrivals, delivery, maxLineBytes }: ConnectionOptions,
): Promise<number | undefined> {
  const lines: RawLine[] = [];
  let broken: FramingError | undefined;
  let consumed = bytes.length;
  try {
    consumed = frameMessages(bytes, state, maxLineBytes, final, (start, end, truncated) => {
      lines.push(arrivals.line(bytes, start, end, truncated));
    });
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    broken = error;
  }
  const isTaken = lines.length === 0 || (await delivery.deliver({ lines, bookmarks: {} }));
  if (broken) throw broken;
  return isTaken ? consumed : undefined;
}
