import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '@fleetwall/core';
import { Delivery, pause } from '../delivery.js';
import { frameLines, newFraming } from '../framing.js';
import {
  type Bookmark,
  type Bookmarks,
  emptyStats,
  type Input,
  type InputStats,
  type LineSink,
  type RawLine,
} from '../input.js';
import { lineLimit } from '../line-ids.js';
import { Problems, reasonOf } from '../problems.js';
import { type EntryPosition, JOURNAL_FIELDS, type JournalEntry, lineOf, positionOf } from './entry.js';

const STREAM = 'journald';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** An entry of more JSON than this is passed over, and counted: nobody logs so much, and it has to be held whole. */
const MAX_ENTRY_BYTES = 4 * 1024 * 1024;

export interface JournaldOptions {
  /** `journald` when absent; unique among inputs. */
  name?: string;
  /** Directory with journal files; this machine's own journal when absent. */
  directory?: string;
  /** `journalctl` from the search path when absent. */
  journalctl?: string;
  /** `FIELD=value`, as journalctl takes them; everything when absent. */
  matches?: string[];
  /** At the first start, only entries of so many milliseconds back; all there are when absent. */
  historyMs?: number;
  /** See {@link lineLimit}. */
  maxLineBytes?: number;
  clock?: Clock;
}

interface Place extends Partial<EntryPosition> {
  firstStartMs: number;
}

/** How one run of journalctl ended. */
interface Ending {
  code: number | null;
  words: string;
  entries: number;
}

/**
 * Follows the systemd journal through `journalctl -o json` (systemd 236 or later). First a run that reads all there is
 * behind the bookmark and ends, then one that follows: `--follow` alone leaves out what earlier boots wrote. A run that ends
 * is started again after a pause that grows to 30 s.
 */
export class JournaldInput implements Input {
  readonly name: string;
  readonly finished: Promise<void>;
  private finish: () => void = () => {};
  private readonly totals = emptyStats();
  private readonly problems: Problems;
  private readonly clock: Clock;
  private readonly stopping = new AbortController();
  private readonly maxLineBytes: number;
  private running: Promise<void> = Promise.resolve();
  private child: ChildProcess | undefined;
  private delivery: Delivery | undefined;
  private place: Place = { firstStartMs: 0 };

  constructor(private readonly options: JournaldOptions = {}) {
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
    const saved = bookmarks[STREAM] as Place | undefined;
    this.place = saved ?? { firstStartMs: this.clock() };
    // Durable before the first line, so that history stays history.
    if (saved === undefined) await this.delivery.deliver({ lines: [], bookmarks: { [STREAM]: this.bookmark() } });
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.child?.kill();
    await this.delivery?.stop();
    await this.running;
    this.finish();
  }

  stats(): InputStats {
    return { ...this.totals, streams: 1, problems: this.problems.list() };
  }

  private bookmark(): Bookmark {
    return { ...this.place };
  }

  private async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stopping.signal.aborted) {
      let ending = await this.read(false);
      if (ending.code === 0 && !this.stopping.signal.aborted) ending = await this.read(true);
      if (this.stopping.signal.aborted) return;
      this.totals.restarts++;
      this.tell(ending);
      if (ending.entries > 0) pauseMs = FIRST_PAUSE_MS;
      await pause(pauseMs, this.stopping.signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** One run of journalctl, to its end. */
  private async read(follow: boolean): Promise<Ending> {
    const program = this.options.journalctl ?? 'journalctl';
    const child = spawn(program, this.args(follow), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.child = child;
    const ending: Ending = { code: null, words: '', entries: 0 };
    child.stderr.setEncoding('utf8').on('data', (words: string) => {
      ending.words = (ending.words + words).slice(-1000);
      this.tellRights(words);
    });
    const closed = once(child, 'close').then(
      ([code, signal]) => {
        ending.code = code;
        if (ending.words === '') ending.words = signal === null ? `exit code ${code}` : `${signal}`;
      },
      (error: NodeJS.ErrnoException) => {
        ending.words = reasonOf(error);
        if (error.code === 'ENOENT') this.problems.report(STREAM, 'JOURNALCTL_MISSING', { path: program });
      },
    );
    if (this.stopping.signal.aborted) child.kill();
    await this.readEntries(child.stdout, ending);
    await closed;
    this.child = undefined;
    return ending;
  }

  private args(follow: boolean): string[] {
    const { directory, matches = [], historyMs } = this.options;
    const { cursor, realtimeUs, firstStartMs } = this.place;
    const args = ['--output=json', '--all', '--no-pager', `--output-fields=${JOURNAL_FIELDS.join(',')}`];
    if (directory !== undefined) args.push(`--directory=${directory}`);
    if (follow) args.push('--follow', '--no-tail');
    if (cursor !== undefined) args.push(`--after-cursor=${cursor}`);
    else if (realtimeUs !== undefined) args.push(`--since=@${Math.floor(realtimeUs / 1e6)}`);
    else if (historyMs !== undefined) args.push(`--since=@${Math.floor((firstStartMs - historyMs) / 1000)}`);
    return [...args, ...matches];
  }

  /** Entries as they come; while the sink holds a batch, the pipe fills and journalctl waits. */
  private async readEntries(output: NodeJS.ReadableStream, ending: Ending): Promise<void> {
    const framing = newFraming();
    let unfinished = Buffer.alloc(0);
    try {
      for await (const piece of output as AsyncIterable<Buffer>) {
        const bytes = Buffer.concat([unfinished, piece]);
        const lines: RawLine[] = [];
        const consumed = frameLines(bytes, framing, MAX_ENTRY_BYTES, false, (start, end, truncated) => {
          if (truncated) this.totals.truncatedLines++;
          const line = truncated ? undefined : this.entry(bytes.toString('utf8', start, end));
          if (line !== undefined) lines.push(line);
        });
        unfinished = Buffer.from(bytes.subarray(consumed));
        this.totals.bytes += piece.length;
        this.totals.skippedBytes += framing.skippedBytes;
        framing.skippedBytes = 0;
        if (lines.length === 0) continue;
        ending.entries += lines.length;
        this.problems.clear(STREAM, 'JOURNAL_ENDED', 'JOURNALCTL_MISSING');
        if (!(await this.delivery!.deliver({ lines, bookmarks: { [STREAM]: this.bookmark() } }))) return;
      }
    } catch {
      // The pipe broke with its process, whose end is told by itself.
    }
  }

  private entry(json: string): RawLine | undefined {
    let entry: JournalEntry;
    try {
      entry = JSON.parse(json) as JournalEntry;
    } catch {
      // journalctl's own remarks (`-- No entries --`).
      return undefined;
    }
    const position = positionOf(entry);
    if (position === undefined) return undefined;
    const { firstStartMs } = this.place;
    if (this.wasRead(position)) return undefined;
    this.place = { firstStartMs, ...position };
    return lineOf(entry, position, { maxLineBytes: this.maxLineBytes, readMs: this.clock(), firstStartMs });
  }

  /** Going on by time instead of by cursor brings a second again that was read before. */
  private wasRead(position: EntryPosition): boolean {
    const { cursor, realtimeUs } = this.place;
    return cursor === undefined && realtimeUs !== undefined && position.realtimeUs <= realtimeUs;
  }

  private tell({ code, words }: Ending): void {
    if (/seek to cursor/i.test(words)) {
      this.problems.mention(STREAM, 'JOURNAL_CURSOR_LOST', {});
      delete this.place.cursor;
    } else if (code !== 0 && !/insufficient permissions|no such boot|ENOENT|does not exist/i.test(words)) {
      this.problems.report(STREAM, 'JOURNAL_ENDED', { reason: words.trim() });
    }
  }

  /** Without the rights, journalctl shows only this user's own entries, or waits for ever, with a remark. */
  private tellRights(words: string): void {
    if (!/insufficient permissions|not seeing messages from other users/i.test(words)) return;
    this.problems.report(STREAM, 'JOURNAL_UNREADABLE', { reason: 'permission denied for the system journal' });
  }
}
