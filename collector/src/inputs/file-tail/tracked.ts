import type { BookmarkChange } from '../input.js';
import type { Generation, Head, Identity } from './generation.js';

/** Where the bytes of a generation are now. */
export interface Location {
  path: string;
  compressed: boolean;
}

/**
 * - `current`: what is at the configured path.
 * - `rotated`: renamed or deleted; its writer may still write for a while.
 * - `copy`: a copy or a compressed file that holds the rest; its end is the end.
 */
export type Role = 'current' | 'rotated' | 'copy';

/** A generation that is being read. */
export interface Tracked {
  generation: Generation;
  location: Location;
  role: Role;
  /** There may be something to read. */
  pending: boolean;
  /** Its end is to be taken as final: what stands there without line end is a line. */
  finishing: boolean;
  /** When it last grew, or was rotated: milliseconds since 1970 UTC. */
  quietSinceMs: number;
  /** Since when reading it fails; undefined when it does not. */
  failingSinceMs: number | undefined;
}

export function track(generation: Generation, location: Location, role: Role, nowMs: number): Tracked {
  return {
    generation,
    location,
    role,
    pending: true,
    finishing: role === 'copy',
    quietSinceMs: nowMs,
    failingSinceMs: undefined,
  };
}

/** What the last look at a path saw, to notice changes by. */
export interface Seen {
  identity: Identity;
  size: number;
  modifiedNs: bigint;
}

/** A configured path and all generations of it that are not finished, oldest first; read in this order, one at a time. */
export class Lane {
  tracked: Tracked[] = [];
  seen: Seen | undefined;
  /** The path is to be looked at before anything is read. */
  needsCheck = true;
  /** Known from bookmarks, and not looked at since. */
  resumed = false;
  /** It is told as a problem that the path, or something rotated from it, cannot be read. */
  unreadable = false;
  /** Something failed; to be tried again with every sweep. */
  retry = false;
  /** Bookmarks that go with the next batch. */
  change: BookmarkChange = {};
  /** Beginnings of the generations finished last, so that their rotated files are not taken for unread ones. */
  finishedHeads: Head[] = [];
  /** Turns it may have without a pause; see {@link takeTurn}. */
  private credit = MAX_CREDIT;
  private creditAtMs = 0;

  constructor(
    readonly path: string,
    /** Since when it has had no generation: milliseconds since 1970 UTC. */
    public emptySinceMs: number,
  ) {}

  get current(): Tracked | undefined {
    return this.tracked.find(({ role }) => role === 'current');
  }

  get hasRotated(): boolean {
    return this.tracked.some(({ role }) => role !== 'current');
  }

  /** The bookmark of a generation is to be stored with the next batch. */
  note({ generation }: Tracked): void {
    generation.previous = this.finishedHeads;
    this.change[generation.key] = generation.bookmark();
  }

  /** The bookmark of a generation is to be removed with the next batch. */
  noteFinished({ generation }: Tracked): void {
    this.change[generation.key] = null;
    this.rememberFinished([generation.head]);
    const latest = this.tracked.findLast((tracked) => tracked.generation !== generation);
    if (latest !== undefined) this.note(latest);
  }

  rememberFinished(heads: Head[]): void {
    const unknown = heads.filter(
      (head) => head.length > 0 && !this.finishedHeads.some(({ hash }) => hash === head.hash),
    );
    this.finishedHeads = [...this.finishedHeads, ...unknown].slice(-MAX_HEADS);
  }

  wakeAll(): void {
    for (const tracked of this.tracked) tracked.pending = true;
  }

  /**
   * How many milliseconds to leave the lane alone after a turn. A file that gets a line now and then is read at once; one that
   * never rests is read every few milliseconds, many lines together, which costs far less.
   */
  takeTurn(nowMs: number): number {
    this.credit = Math.min(MAX_CREDIT, this.credit + (nowMs - this.creditAtMs) / CREDIT_MS);
    this.creditAtMs = nowMs;
    this.credit = Math.max(0, this.credit - 1);
    return this.credit < 1 ? CREDIT_MS : 0;
  }
}

const MAX_HEADS = 4;
const MAX_CREDIT = 20;
const CREDIT_MS = 5;
