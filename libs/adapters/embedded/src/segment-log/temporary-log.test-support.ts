import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutRecord } from '@fleetwall/core';
import { type LogReport, SegmentLog, type SegmentLogOptions } from './segment-log.js';

/** A log in a directory of its own, with everything it reported, for tests that open it again and again. */
export class TemporaryLog {
  readonly reports: LogReport[] = [];
  private constructor(
    readonly directory: string,
    private readonly options: Partial<SegmentLogOptions>,
  ) {}

  static async create(options: Partial<SegmentLogOptions> = {}): Promise<TemporaryLog> {
    return new TemporaryLog(await mkdtemp(join(tmpdir(), 'fleetwall-log-')), options);
  }

  open(options: Partial<SegmentLogOptions> = {}): Promise<SegmentLog> {
    const onReport = (report: LogReport) => this.reports.push(report);
    return SegmentLog.open({ directory: this.directory, onReport, ...this.options, ...options });
  }

  async segments(): Promise<string[]> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.log')).sort();
    return names.map((name) => join(this.directory, name));
  }

  /** Changes the bytes of a segment (the last one when negative). */
  async rewrite(segment: number, change: (bytes: Buffer) => Buffer): Promise<void> {
    const path = (await this.segments()).at(segment) as string;
    await writeFile(path, change(await readFile(path)));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

export function record(value: string | Buffer, key = 'k'): OutRecord {
  return { key, value: Buffer.from(value) };
}

/** Every value from the offset on, with its offset. */
export async function readFrom(log: SegmentLog, fromOffset = 0): Promise<{ offset: number; value: string }[]> {
  const all: { offset: number; value: string }[] = [];
  for (let at = fromOffset; at < log.next; ) {
    const { records, nextOffset } = await log.read(at, 100, 10_000);
    for (const { offset, value } of records) all.push({ offset, value: value.toString() });
    at = nextOffset;
  }
  return all;
}

export async function valuesOf(log: SegmentLog): Promise<string[]> {
  return (await readFrom(log)).map(({ value }) => value);
}
