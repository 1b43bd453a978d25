import type { BulkResult, Clock, FleetEvent } from '@fleetwall/core';
import type { BulkItem, BulkWriter } from '../bulk-writer.js';
import { reasonToReject } from './admit.js';
import { documentOf } from './event-document.js';
import { indexOf } from './layout.js';
import type { TenantQuota } from './quota.js';

export interface IngestOptions {
  writer: BulkWriter;
  clock: Clock;
  prefix: string;
  /** Of one event, bytes of JSON. */
  maxEventBytes: number;
  oldestDays: number;
  quota: TenantQuota | undefined;
}

interface Admitted {
  event: FleetEvent;
  item: BulkItem;
  bytes: number;
}

/** Judges, writes, counts; the rejected ones in the order they came. */
export async function storeEvents(options: IngestOptions, events: FleetEvent[]): Promise<BulkResult> {
  const { writer, quota } = options;
  const reasons = new Map<number, string>();
  const admitted = await admit(options, events, reasons);
  const result: BulkResult = { created: 0, duplicates: 0, rejected: [] };
  let written = 0;
  try {
    const outcomes = await writer.write([...admitted.values()].map(({ item }) => item));
    for (const [at, { event, bytes }] of admitted) {
      const outcome = outcomes[written++];
      if (outcome === 'written') {
        result.created++;
        continue;
      }
      quota?.giveBack(event, bytes);
      if (typeof outcome === 'object') reasons.set(at, outcome.rejected);
      else result.duplicates++;
    }
  } catch (error) {
    // All of it comes again; what was written will then be a duplicate.
    for (const { event, bytes } of [...admitted.values()].slice(written)) quota?.giveBack(event, bytes);
    throw error;
  }
  result.rejected = [...reasons]
    .sort(([a], [b]) => a - b)
    .map(([at, reason]) => ({ event: events[at] as FleetEvent, reason }));
  return result;
}

/** By position; what cannot be stored gets a reason. */
async function admit(
  { clock, prefix, oldestDays, maxEventBytes, quota }: IngestOptions,
  events: FleetEvent[],
  reasons: Map<number, string>,
): Promise<Map<number, Admitted>> {
  const admitted = new Map<number, Admitted>();
  const nowMs = clock();
  for (const [at, event] of events.entries()) {
    const reason = reasonToReject(event, nowMs, oldestDays);
    if (reason) reasons.set(at, reason);
  }
  const sound = [...events.entries()].filter(([at]) => !reasons.has(at));
  await quota?.prepare(sound.map(([, event]) => event));
  for (const [at, event] of sound) {
    const { json, bytes } = documentOf(event);
    const reason =
      bytes > maxEventBytes ? `it has ${bytes} bytes, more than ${maxEventBytes}` : quota?.take(event, bytes);
    const action = JSON.stringify({ create: { _index: indexOf(prefix, event), _id: event['event.id'] } });
    if (reason) reasons.set(at, reason);
    else admitted.set(at, { event, bytes, item: { action, source: json } });
  }
  return admitted;
}
