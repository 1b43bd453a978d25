import { type Clock, type EventStore, type Measured, topicSpecs } from '@fleetwall/core';
import { iso } from '../api/iso.js';
import type { ConsoleOptions } from '../console-options.js';
import { readingOf } from '../overview/overview.js';
import type { DiskWatch } from './disk-watch.js';

const DAY_MS = 86_400_000;
const LAG = 'fleetwall_consumer_lag';

/** How the system is, as far as this process can know. */
export class SystemState {
  constructor(
    private readonly options: ConsoleOptions,
    private readonly disk: DiskWatch,
  ) {}

  async read() {
    const { store, deployment, problems, retentionDays, clock, localHost } = this.options;
    const [topics, queues, disk, events] = await Promise.all([
      this.#topics(),
      this.#queues(),
      this.disk.state(),
      storedEvents(store, clock),
    ]);
    const local = localHost?.();
    return {
      deployment,
      problems: problems(),
      retentionDays,
      topics,
      queues,
      events,
      disk: { ...disk, ...daysLeftOf(disk) },
      process: {
        host: this.options.host,
        uptimeSeconds: Math.floor(process.uptime()),
        rssBytes: process.memoryUsage.rss(),
      },
      ...(local ? { reading: readingOf(local) } : {}),
    };
  }

  #topics() {
    return Promise.all(
      topicSpecs(1, this.options).map(async ({ name, retentionMs, compacted }) => {
        const ranges = await this.options.bus.ranges(name);
        return {
          topic: name,
          partitions: ranges.length,
          records: ranges.reduce((sum, one) => sum + one.high - one.low, 0),
          ...(retentionMs === undefined ? {} : { retentionDays: Math.round(retentionMs / DAY_MS) }),
          compacted: compacted ?? false,
        };
      }),
    );
  }

  /** Of the consumers of this process, by group and topic, the longest first. */
  async #queues() {
    const waiting = new Map<string, { group: string; topic: string; waiting: number }>();
    for (const { name, value, labels } of (await this.options.numbers?.()) ?? ([] as Measured[])) {
      if (name !== LAG || !labels) continue;
      const { group = '', topic = '' } = labels;
      const key = `${group} ${topic}`;
      waiting.set(key, { group, topic, waiting: (waiting.get(key)?.waiting ?? 0) + value });
    }
    return [...waiting.values()].sort((a, b) => b.waiting - a.waiting || (a.group < b.group ? -1 : 1));
  }
}

/** The oldest that is kept, and how long after it was written the newest came. */
async function storedEvents(store: EventStore, clock: Clock) {
  const everything = { query: { type: 'all' as const }, range: { fromMs: 0, toMs: clock() + DAY_MS }, limit: 1 };
  const [oldest, newest] = await Promise.all([
    store.search({ ...everything, order: 'oldest' }),
    store.search({ ...everything, order: 'newest' }),
  ]);
  const [first] = oldest.events;
  const [last] = newest.events;
  if (!first || !last) return {};
  const ingestedMs = last['event.ingested'];
  const lag = ingestedMs === undefined ? {} : { lagMs: Math.max(0, ingestedMs - last['@timestamp']) };
  return { oldest: iso(first['@timestamp']), newest: iso(last['@timestamp']), ...lag };
}

/** Absent where nobody knows, and where the disk does not fill. */
function daysLeftOf({ freeBytes, bytesPerDay }: { freeBytes: number; bytesPerDay?: number }): { daysLeft?: number } {
  return bytesPerDay ? { daysLeft: Math.floor(freeBytes / bytesPerDay) } : {};
}
