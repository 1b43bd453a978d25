import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Bus, type BusRecord, type OutRecord, TOPICS } from '@fleetwall/core';
import type { SnapshotPart } from '@fleetwall/detection';
import { type FileSnapshotStore, partsOf, type SnapshotOffer, type SnapshotStore } from './snapshot-store.js';

export interface TopicSnapshotStoreOptions {
  bus: Bus;
  /** What this instance saved itself is read here, not from the topic. */
  cache: FileSnapshotStore;
  /** How often a partition's snapshot goes to the topic; in between it is saved on disk alone. 300,000 when absent. */
  uploadEveryMs?: number;
  /** Told of snapshots that cannot be used. */
  onPassedOver?: (text: string) => void;
  /** Told of uploads that failed; the next snapshot is tried again. */
  onError: (error: unknown) => void;
}

/** The last record of a snapshot in the topic, as JSON under the key `<slot>/manifest`. */
interface Manifest {
  version: 1;
  slot: number;
  /** Of the observations: the first that is not in it. */
  offset: number;
  chunks: number;
  bytes: number;
  crc32: number;
  /** Where its chunks lie in the partition of the windows' topic. */
  firstAt: number;
  lastAt: number;
}

/** A record may have 1 MB in Kafka. */
const CHUNK_BYTES = 512 * 1024;
/** Two whole ones and the one that is being written. */
const SLOTS = 3;
/** How far back manifests are looked for, step by step, before the whole partition is read. */
const LOOK_BACK_RECORDS = [64, 2_048];
const DEFAULT_UPLOAD_MS = 300_000;
/** Whoever waits for the partition has better to read a minute of the log again than to wait longer. */
const RELEASE_PATIENCE_MS = 20_000;

/**
 * Snapshots in the compacted topic `fleetwall.windows`, where every instance finds them, behind a cache on disk. The
 * snapshots of partition p of the observations lie in its partition p, in the layout of the files:
 *
 * ```
 * <slot>/<number>    512 KiB of the file
 * <slot>/manifest    which chunks belong together, and their checksum; written last
 * ```
 *
 * Slots are written in turn, so that a save which breaks off leaves two whole snapshots; compaction removes what was
 * written over. Two instances that write at the same time spoil one slot at worst: the checksum tells.
 */
export class TopicSnapshotStore implements SnapshotStore {
  readonly #options: TopicSnapshotStoreOptions;
  /** By partition: the snapshot that each slot holds, as far as is known. */
  readonly #slots = new Map<number, Map<number, Manifest>>();
  readonly #uploads = new Map<number, { underWay: Promise<void>; offset: number; atMs: number; busy: boolean }>();

  constructor(options: TopicSnapshotStoreOptions) {
    this.#options = options;
  }

  async save(partition: number, offset: number, parts: Iterable<SnapshotPart>): Promise<number> {
    const bytes = await this.#options.cache.save(partition, offset, parts);
    const last = this.#uploads.get(partition);
    const isDue = performance.now() - (last?.atMs ?? 0) >= (this.#options.uploadEveryMs ?? DEFAULT_UPLOAD_MS);
    if (!last || (isDue && !last.busy)) this.#begin(partition, offset);
    return bytes;
  }

  /** The newest snapshot goes to the topic now: another instance is waiting for it. */
  async release(partition: number): Promise<void> {
    const finish = async () => {
      await this.#uploads.get(partition)?.underWay;
      for await (const { offset } of this.#options.cache.newestFirst(partition)) {
        if (offset !== this.#uploads.get(partition)?.offset) await this.#begin(partition, offset);
        return;
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RELEASE_PATIENCE_MS);
    });
    await Promise.race([finish(), patience]);
    clearTimeout(timer);
    this.#slots.delete(partition);
    this.#uploads.delete(partition);
  }

  async *newestFirst(partition: number): AsyncGenerator<SnapshotOffer> {
    const offers: SnapshotOffer[] = [];
    for await (const offer of this.#options.cache.newestFirst(partition)) offers.push(offer);
    for (const manifest of (await this.#manifests(partition)).values()) {
      if (offers.some(({ offset }) => offset === manifest.offset)) continue;
      offers.push({ offset: manifest.offset, load: () => this.#download(partition, manifest) });
    }
    yield* offers.sort((a, b) => b.offset - a.offset);
  }

  #begin(partition: number, offset: number): Promise<void> {
    const upload = { underWay: Promise.resolve(), offset, atMs: performance.now(), busy: true };
    this.#uploads.set(partition, upload);
    upload.underWay = this.#upload(partition, offset)
      .catch((error) => {
        upload.offset = -1;
        this.#options.onError(error);
      })
      .finally(() => {
        upload.busy = false;
      });
    return upload.underWay;
  }

  async #upload(partition: number, offset: number): Promise<void> {
    const { bus, cache } = this.#options;
    const slots = this.#slots.get(partition) ?? (await this.#manifests(partition));
    const newest = [...slots.values()].sort((a, b) => b.firstAt - a.firstAt)[0];
    const slot = ((newest?.slot ?? -1) + 1) % SLOTS;
    const put = async (key: string, value: Buffer) => {
      const [position] = await bus.publish(TOPICS.windows, [{ key, value, partition }]);
      return position?.offset as number;
    };
    const manifest: Manifest = { version: 1, slot, offset, chunks: 0, bytes: 0, crc32: 0, firstAt: 0, lastAt: 0 };
    // A file that is deleted meanwhile, as an old generation, can still be read to its end.
    const file = await open(cache.pathOf(partition, offset), 'r');
    try {
      for await (const chunk of chunksOf(file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false }))) {
        manifest.lastAt = await put(`${slot}/${manifest.chunks}`, chunk);
        if (manifest.chunks === 0) manifest.firstAt = manifest.lastAt;
        manifest.chunks++;
        manifest.bytes += chunk.length;
        manifest.crc32 = crc32(chunk, manifest.crc32);
      }
    } finally {
      await file.close();
    }
    await put(`${slot}/manifest`, Buffer.from(JSON.stringify(manifest)));
    const before = slots.get(slot)?.chunks ?? 0;
    const surplus: OutRecord[] = [];
    for (let n = manifest.chunks; n < before; n++) {
      surplus.push({ key: `${slot}/${n}`, value: Buffer.alloc(0), partition });
    }
    await bus.publish(TOPICS.windows, surplus);
    slots.set(slot, manifest);
  }

  /** What each slot holds. Manifests come last, so the end of the partition mostly has them. */
  async #manifests(partition: number): Promise<Map<number, Manifest>> {
    const { bus } = this.#options;
    const range = (await bus.ranges(TOPICS.windows)).find((each) => each.partition === partition);
    const found = new Map<number, Manifest>();
    if (!range) return found;
    for (const span of [...LOOK_BACK_RECORDS, Number.POSITIVE_INFINITY]) {
      const from = Math.max(range.low, range.high - span);
      await this.#read(partition, from, range.high, ({ key, value }) => {
        if (!key.endsWith('/manifest') || value.length === 0) return;
        const manifest = JSON.parse(value.toString('utf8')) as Manifest;
        if (manifest.version === 1) found.set(manifest.slot, manifest);
      });
      if (found.size >= SLOTS - 1 || from === range.low) break;
    }
    this.#slots.set(partition, found);
    return found;
  }

  async #download(partition: number, manifest: Manifest): Promise<SnapshotPart[] | undefined> {
    const { cache, onPassedOver } = this.#options;
    const chunks = new Map<string, Buffer>();
    await this.#read(partition, manifest.firstAt, manifest.lastAt + 1, ({ key, value }) => {
      if (key.startsWith(`${manifest.slot}/`)) chunks.set(key, value);
    });
    const bytes = Buffer.concat(
      Array.from({ length: manifest.chunks }, (_, n) => chunks.get(`${manifest.slot}/${n}`) ?? Buffer.alloc(0)),
    );
    const isWhole = bytes.length === manifest.bytes && crc32(bytes) === manifest.crc32;
    const parts = isWhole ? partsOf(bytes) : undefined;
    if (parts) await cache.adopt(partition, manifest.offset, bytes);
    else {
      onPassedOver?.(
        `snapshot of partition ${partition} at offset ${manifest.offset} in ${TOPICS.windows} is damaged: passed over`,
      );
    }
    return parts;
  }

  /** Hands over what lies in `[from, end)` now. */
  async #read(partition: number, from: number, end: number, onRecord: (record: BusRecord) => void): Promise<void> {
    if (from >= end) return;
    let reached = () => {};
    const done = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const follower = await this.#options.bus.follow({
      topic: TOPICS.windows,
      partitions: [partition],
      from: new Map([[partition, from]]),
      onRecord: (record) => {
        if (record.offset < end) onRecord(record);
        if (record.offset >= end - 1) reached();
      },
      onError: this.#options.onError,
    });
    await Promise.race([done, follower.caughtUp]);
    await follower.stop();
  }
}

/** A stream may cut its last chunks short of the size asked for; they are joined again. */
async function* chunksOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    [pieces, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}
