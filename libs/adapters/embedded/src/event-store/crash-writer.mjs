// A writer for the tests to kill: stores groups of events without end and prints the ids of each group once it is stored.
import { writeSync } from 'node:fs';
import { createDuckDbEventStore } from './duckdb-event-store.js';

const [, , directory, prefix] = process.argv;
const store = await createDuckDbEventStore({ directory });
const nowMs = Date.now();
let previous = [];

for (let group = 0; ; group++) {
  const size = 1 + (group % 400);
  const fresh = Array.from({ length: size }, (_, i) => ({
    '@timestamp': nowMs - (i % 3) * 86_400_000 - i,
    'event.id': `${prefix}-${group}-${i}`,
    'event.original': `line ${group} ${i}`,
    'user.name': `user${i % 7}`,
    'labels.group': group,
  }));
  // Two calls at once share a commit, and what was stored before comes again.
  await Promise.all([store.bulk([...fresh, ...previous]), store.bulk(fresh)]);
  writeSync(1, `${fresh.map((event) => event['event.id']).join(' ')}\n`);
  previous = fresh;
}
