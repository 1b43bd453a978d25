import { statSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs, { type Kafka } from 'kafkajs';
import { until } from './until.js';

const SEGMENT_BYTES = 1_048_576;
/** A value that nearly fills a segment, so that the next record of some size begins a new one. */
const NEARLY_SEGMENT_BYTES = 1_047_800;
const BATCH_HEADER_BYTES = 61;

/**
 * Creates a compacted topic whose first segment ends up as one batch without records: the last batch of an idempotent
 * producer stays when its only record has been replaced. The second segment is full, so that compaction does not join
 * the two. The keys that remain are `second`, `filler`, `first`, `emptied`, `roll` and `last`.
 *
 * @param logs where the broker keeps its partitions
 */
export async function createEmptyBatch(client: Kafka, topic: string, logs: string): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  const configEntries = entriesOf({ 'segment.bytes': SEGMENT_BYTES });
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: false });
  const createPartitioner = kafkajs.Partitioners.DefaultPartitioner;
  const producers = [0, 1].map(() => client.producer({ idempotent: true, createPartitioner }));
  await Promise.all(producers.map((producer) => producer.connect()));
  const put = (producer: number, key: string, size: number) =>
    producers[producer]?.send({ topic, messages: [{ key, value: 'x'.repeat(size) }] });
  await put(0, 'first', NEARLY_SEGMENT_BYTES);
  await put(1, 'emptied', 1);
  await put(0, 'second', NEARLY_SEGMENT_BYTES);
  await put(0, 'filler', 560);
  await put(0, 'first', 1);
  await put(0, 'emptied', 1);
  await put(0, 'roll', NEARLY_SEGMENT_BYTES);
  await put(0, 'last', NEARLY_SEGMENT_BYTES);
  await Promise.all(producers.map((producer) => producer.disconnect()));
  // Compacted only now: in the middle of the writing, other segments would be joined.
  const settings = {
    'segment.bytes': SEGMENT_BYTES,
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': 0.01,
    'max.compaction.lag.ms': 100,
  };
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type, name: topic, configEntries: entriesOf(settings) }],
  });
  await admin.disconnect();
  const segment = join(logs, `${topic}-0`, '00000000000000000000.log');
  await until('compaction to leave the batch empty', () => sizeOf(segment) === BATCH_HEADER_BYTES);
}

function entriesOf(settings: Record<string, string | number>): { name: string; value: string }[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }));
}

/** Undefined for the moment in which compaction puts the new file in the place of the old one. */
function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
