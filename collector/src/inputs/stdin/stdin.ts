import { createReadStream, fstat, read } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Clock } from '@fleetwall/core';
import { Delivery } from '../delivery.js';
import { newFraming } from '../framing.js';
import { type Bookmarks, emptyStats, type Input, type InputStats, type LineSink } from '../input.js';
import { firstLine, HEAD_BYTES, lineLimit, linesOf, streamId } from '../line-ids.js';
import { Problems, reasonOf } from '../problems.js';

const STREAM = 'stdin';
const stat = promisify(fstat);
const readAt = promisify(read);

export interface StdinOptions {
  /** `stdin` when absent; unique among inputs. */
  name?: string;
  /** The descriptor of a file, or a stream, to be read instead of standard input; closed at the end. */
  source?: number | Readable;
  /** See {@link lineLimit}. */
  maxLineBytes?: number;
  clock?: Clock;
}

/**
 * Lines from standard input. A line's id is made of the first line (up to 1 KiB) and its offset, so the same data piped in twice
 * has the same ids. From a file (`< auth.log`) reading goes on behind the bookmark if the file still begins as it did; a
 * pipe cannot be read again, so it is read from where it is.
 */
export class StdinInput implements Input {
  readonly name: string;
  readonly finished: Promise<void>;
  private finish: () => void = () => {};
  private readonly totals = emptyStats();
  private readonly problems: Problems;
  private readonly clock: Clock;
  private readonly framing = newFraming();
  private readonly maxLineBytes: number;
  private input: Readable | undefined;
  private delivery: Delivery | undefined;
  private reading: Promise<void> = Promise.resolve();
  private streamId: string | undefined;
  private offset = 0;

  constructor(private readonly options: StdinOptions = {}) {
    this.name = options.name ?? STREAM;
    this.clock = options.clock ?? Date.now;
    this.maxLineBytes = lineLimit(options.maxLineBytes);
    this.problems = new Problems(this.clock);
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  async start(bookmarks: Bookmarks, sink: LineSink): Promise<void> {
    this.delivery = new Delivery(sink, this.totals);
    const { source = 0 } = this.options;
    this.input = typeof source === 'number' ? await this.open(source, bookmarks) : source;
    this.reading = this.read(this.input).finally(this.finish);
  }

  async stop(): Promise<void> {
    this.input?.destroy();
    await this.delivery?.stop();
    await this.reading;
    this.finish();
  }

  stats(): InputStats {
    const { skippedBytes, nulBytes } = this.framing;
    return { ...this.totals, skippedBytes, nulBytes, streams: 1, openFiles: 1, problems: this.problems.list() };
  }

  private async open(fd: number, bookmarks: Bookmarks): Promise<Readable> {
    if (!(await stat(fd)).isFile()) return process.stdin;
    await this.resume(fd, bookmarks);
    return createReadStream('', { fd, highWaterMark: 256 * 1024, start: this.offset });
  }

  private async resume(fd: number, bookmarks: Bookmarks): Promise<void> {
    const saved = bookmarks[STREAM] as { streamId: string; offset: number; skipping: boolean } | undefined;
    if (saved === undefined) return;
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await readAt(fd, head, 0, head.length, 0);
    if (streamId(STREAM, firstLine(head.subarray(0, bytesRead))) !== saved.streamId) return;
    this.streamId = saved.streamId;
    this.offset = saved.offset;
    this.framing.skipping = saved.skipping;
  }

  private async read(input: Readable): Promise<void> {
    let unfinished: Buffer = Buffer.alloc(0);
    try {
      for await (const piece of input as AsyncIterable<Buffer>) {
        this.totals.bytes += piece.length;
        const bytes = Buffer.concat([unfinished, piece]);
        const consumed = await this.take(bytes, false);
        if (consumed === undefined) return;
        unfinished = Buffer.from(bytes.subarray(consumed));
      }
      if (unfinished.length > 0) await this.take(unfinished, true);
    } catch (error) {
      // Destroyed by `stop`, a stream tells of a premature end.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        this.problems.report(STREAM, 'STDIN_FAILED', { reason: reasonOf(error) });
      }
    }
  }

  /** How many bytes need not come again; undefined when the batch was not taken over. */
  private async take(bytes: Buffer, final: boolean): Promise<number | undefined> {
    const head = bytes.subarray(0, HEAD_BYTES);
    if (this.streamId === undefined) {
      if (!final && head.length < HEAD_BYTES && !head.includes(0x0a)) return 0;
      this.streamId = streamId(STREAM, firstLine(head));
    }
    const { lines, consumed } = linesOf(bytes, this.framing, {
      stream: STREAM,
      streamId: this.streamId,
      offset: this.offset,
      historyUntil: 0,
      readMs: this.clock(),
      maxLineBytes: this.maxLineBytes,
      final,
    });
    this.offset += consumed;
    if (lines.length === 0) return consumed;
    const bookmark = { streamId: this.streamId, offset: this.offset, skipping: this.framing.skipping };
    return (await this.delivery!.deliver({ lines, bookmarks: { [STREAM]: bookmark } })) ? consumed : undefined;
  }
}
