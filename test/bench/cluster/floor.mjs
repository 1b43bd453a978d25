// The floor: kafkajs alone reads a range of a topic and parses each record as JSON. Nothing else, in a process of its own.
//   node floor.mjs '{"broker":"127.0.0.1:9092","topic":"…","ranges":[{"partition":0,"from":0,"to":1000}]}'
// Prints { records, seconds, cpuSeconds, memoryMb }.
import kafkajs from 'kafkajs';
import { uncompress } from 'snappy';

const { broker, topic, ranges } = JSON.parse(process.argv[2]);
/** As the services fetch (libs/adapters/kafka), and as many records between two commits. */
const FETCH = { maxWaitTimeInMs: 250, readUncommitted: true, sessionTimeout: 15_000 };
const COMMIT_EVERY_RECORDS = 2_000;

kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => ({
  compress: () => Promise.reject(new Error('nothing is written')),
  decompress: (data) => uncompress(data),
});
const kafka = new kafkajs.Kafka({ brokers: [broker], clientId: 'floor', logLevel: kafkajs.logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `floor-${process.pid}`, ...FETCH });
const wanted = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
const endOf = new Map(ranges.map(({ partition, to }) => [partition, to]));
let records = 0;
let fields = 0;
let startedMs = 0;

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
const began = process.cpuUsage();
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: 64,
  eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
    const { partition, messages } = batch;
    startedMs ||= performance.now();
    for (let at = 0; at < messages.length; at += COMMIT_EVERY_RECORDS) {
      const slice = messages.slice(at, at + COMMIT_EVERY_RECORDS);
      for (const { value, offset } of slice) {
        if (Number(offset) >= endOf.get(partition)) break;
        fields += JSON.parse(value.toString('utf8'))['event.kind'] === undefined ? 0 : 1;
        records++;
      }
      const last = slice.at(-1).offset;
      resolveOffset(last);
      const offsets = [{ topic, partitions: [{ partition, offset: String(Number(last) + 1) }] }];
      await commitOffsetsIfNecessary({ topics: offsets });
    }
    if (records >= wanted) end();
  },
});
for (const { partition, from } of ranges) consumer.seek({ topic, partition, offset: String(from) });

function end() {
  const { user, system } = process.cpuUsage(began);
  const { maxRSS } = process.resourceUsage();
  const seconds = (performance.now() - startedMs) / 1_000;
  const figures = { records, events: fields, seconds, cpuSeconds: (user + system) / 1e6, memoryMb: maxRSS / 1_024 };
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
}
