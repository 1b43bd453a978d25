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
  const settings = {
    'cleanup.policy': 'compact',
    'segment.bytes': SEGMENT_BYTES,
    'min.cleanable.dirty.ratio': 0.01,
    'max.compaction.lag.ms': 100,
  };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value: `${value}` }));
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: false });
  await admin.disconnect();
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
  const segment = join(logs, `${topic}-0`, '00000000000000000000.log');
  await until('compaction to leave the batch empty', () => statSync(segment).size === BATCH_HEADER_BYTES);
}
