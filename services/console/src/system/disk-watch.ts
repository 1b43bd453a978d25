import { statfs } from 'node:fs/promises';
import type { Clock, Registry } from '@fleetwall/core';

/** How much room there was at a time. */
export interface DiskSample {
  atMs: number;
  freeBytes: number;
}

export interface DiskState {
  freeBytes: number;
  totalBytes: number;
  /** By which the free room shrinks in a day; 0 when it does not. Absent: not measured for long enough. */
  bytesPerDay?: number;
}

const COLLECTION = 'disk-samples';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of how many hours samples are kept: a week has its quiet days in it. */
const MOST_SAMPLES = 7 * 24;
/** A shorter time says more of the hour than of the day. */
const LEAST_MS = 6 * HOUR_MS;

/**
 * The disk that the data of this process is on, and how fast it fills, whoever fills it. One sample an hour, kept in the
 * registry by host, so that a restart forgets none.
 */
export class DiskWatch {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
    private readonly directory: string,
    private readonly host: string,
  ) {}

  /** Called once an hour, and at the start. */
  async sample(): Promise<void> {
    const atMs = this.clock();
    const samples = await this.#samples();
    const last = samples.at(-1);
    if (last && atMs - last.atMs < HOUR_MS / 2) return;
    const { freeBytes } = await this.#room();
    await this.registry.put(COLLECTION, this.host, [...samples, { atMs, freeBytes }].slice(-MOST_SAMPLES));
  }

  async state(): Promise<DiskState> {
    const [room, samples] = await Promise.all([this.#room(), this.#samples()]);
    const bytesPerDay = shrinkage(samples, { atMs: this.clock(), freeBytes: room.freeBytes });
    return { ...room, ...(bytesPerDay === undefined ? {} : { bytesPerDay }) };
  }

  async #samples(): Promise<DiskSample[]> {
    return (await this.registry.get<DiskSample[]>(COLLECTION, this.host))?.value ?? [];
  }

  async #room() {
    const { bavail, blocks, bsize } = await statfs(this.directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }
}

/** Bytes a day, from the oldest sample of the last week until now; undefined when that is no time. */
export function shrinkage(samples: readonly DiskSample[], now: DiskSample): number | undefined {
  const first = samples.find(({ atMs }) => atMs > now.atMs - MOST_SAMPLES * HOUR_MS);
  if (!first || now.atMs - first.atMs < LEAST_MS) return undefined;
  const perDay = ((first.freeBytes - now.freeBytes) * DAY_MS) / (now.atMs - first.atMs);
  return Math.max(0, Math.round(perDay));
}
