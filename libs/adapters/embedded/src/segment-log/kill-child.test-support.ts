import { SegmentLog } from './segment-log.js';

/**
 * A process that appends to the log in its first argument until it is killed, and prints the offset after each append
 * that was acknowledged. Each value tells its own offset; each state, how many records there were with it.
 */
const log = await SegmentLog.open({ directory: process.argv[2] as string, segmentBytes: 20_000 });
for (let next = log.next; ; ) {
  const appends: Promise<unknown>[] = [];
  for (let i = 0; i < 3; i++) {
    const from = next;
    const records = Array.from({ length: 1 + (from % 7) }, (_, j) => ({
      key: `key ${from + j}`,
      value: Buffer.from(`value ${from + j} `.padEnd(50 + (from % 300), 'x')),
    }));
    next += records.length;
    const acknowledged = next;
    appends.push(
      log.append(records, Buffer.from(String(acknowledged))).then(() => process.stdout.write(`${acknowledged}\n`)),
    );
  }
  await Promise.all(appends);
}
