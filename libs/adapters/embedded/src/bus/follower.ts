import type { Follower, FollowOptions } from '@fleetwall/core';
import type { SegmentLog } from '../segment-log/index.js';
import { retryUntilAborted } from './retry.js';

const READ_RECORDS = 1_000;

/** Reads each partition on its own, from the start or from the offsets given. */
export function followTopic(logs: readonly SegmentLog[], options: FollowOptions): Follower {
  const stopping = new AbortController();
  const chosen = [...logs.entries()].filter(([partition]) => options.partitions?.includes(partition) ?? true);
  const readers = chosen.map(([partition, log]) => followPartition(log, partition, options, stopping.signal));
  const ended = Promise.all(readers.map((reader) => reader.ended));
  return {
    caughtUp: Promise.all(readers.map((reader) => reader.caughtUp)).then(() => undefined),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

function followPartition(log: SegmentLog, partition: number, options: FollowOptions, signal: AbortSignal) {
  const { topic, from, onRecord, onError = () => {} } = options;
  const high = log.next;
  let at = from?.get(partition) ?? 0;
  let reached = () => {};
  const caughtUp = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const step = async () => {
    const { records, nextOffset } = await log.read(at, READ_RECORDS);
    for (const { offset, timestampMs, key, value, headers } of records) {
      if (signal.aborted) return;
      const record = { topic, partition, offset, timestampMs, key, value, ...(headers && { headers }) };
      const handled = onRecord(record);
      if (handled) await handled;
      at = offset + 1;
    }
    at = nextOffset;
  };
  const run = async () => {
    while (!signal.aborted) {
      if (at >= high) reached();
      if (at >= log.next) await log.wait(at, signal);
      else await retryUntilAborted(signal, step, onError);
    }
    reached();
  };
  return { caughtUp, ended: run() };
}
