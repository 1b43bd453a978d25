import { join } from 'node:path';
import { type AlertChange, BLOCKS_EPOCH_KEY, type Block, type Bus, type FleetEvent, TOPICS } from '@fleetwall/core';
import { createDuckDbEventStore, createEmbeddedBus } from '@fleetwall/embedded';

/** What a process that has ended left behind in its home. */
export interface Stored {
  events: FleetEvent[];
  /** Every change of every alert, in order. */
  alerts: AlertChange[];
  /** The last state of each block. */
  blocks: Block[];
}

/** Reads a home that no process uses. */
export async function readHome(home: string): Promise<Stored> {
  const store = await createDuckDbEventStore({ directory: join(home, 'events') });
  const events: FleetEvent[] = [];
  try {
    const range = { fromMs: 0, toMs: Date.now() + 86_400_000 };
    for await (const event of store.scan({ query: { type: 'all' }, range, order: 'oldest' })) events.push(event);
  } finally {
    await store.close();
  }
  const bus = await createEmbeddedBus({ directory: join(home, 'bus') });
  try {
    const alerts = (await recordsOf(bus, TOPICS.alerts)).map(({ value }) => JSON.parse(`${value}`) as AlertChange);
    const blocks = new Map<string, Block>();
    for (const { key, value } of await recordsOf(bus, TOPICS.blocks)) {
      if (key === BLOCKS_EPOCH_KEY) continue;
      if (value.length === 0) blocks.delete(key);
      else blocks.set(key, JSON.parse(`${value}`) as Block);
    }
    return { events, alerts, blocks: [...blocks.values()] };
  } finally {
    await bus.close();
  }
}

/** Alerts as readers hold them: by id, the change with the highest version. */
export function foldAlerts(changes: readonly AlertChange[]): AlertChange[] {
  const byId = new Map<string, AlertChange>();
  for (const change of changes) {
    if ((byId.get(change.id)?.version ?? -1) < change.version) byId.set(change.id, change);
  }
  return [...byId.values()];
}

/** `<rule> <key>`, for messages and comparisons. */
export function nameOf({ rule, key }: AlertChange): string {
  return `${rule} ${Object.values(key).join(' ')}`;
}

async function recordsOf(bus: Bus, topic: string): Promise<{ key: string; value: Buffer }[]> {
  const records: { key: string; value: Buffer }[] = [];
  const follower = await bus.follow({ topic, onRecord: (record) => void records.push(record) });
  await follower.caughtUp;
  await follower.stop();
  return records;
}
