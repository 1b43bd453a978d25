// Measures the event stores, DuckDB in this process and Elasticsearch beside it:
//
//   npm run bench:store [-- --events 1000000 --days 7 --store duckdb|elasticsearch]
//
// Elasticsearch is started (see scripts/elasticsearch.mjs) if this machine can; its CPU seconds are told apart from ours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startElasticsearch, whatIsMissing } from '../../scripts/elasticsearch.mjs';
import { address, below, cpuSeconds, loud, percentile, rssMb, sshEvent, term } from './logons.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '7' },
    store: { type: 'string' },
  },
});
const EVENTS = Number(values.events);
const DAYS = Number(values.days);
/** A slow machine loads fewer events rather than taking all day. */
const LOAD_LIMIT_MS = 240_000;
const REPEATS = 40;
const TRICKLE_MS = 5_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-b',
    join(root, 'libs/adapters/embedded'),
    join(root, 'libs/adapters/elasticsearch'),
  ],
  { stdio: 'inherit' },
);
if (built.status !== 0) process.exit(1);
const { createDuckDbEventStore } = await import('@fleetwall/embedded');
const { createElasticsearchEventStore } = await import('@fleetwall/elasticsearch');

const nowMs = Date.now();
const spanMs = DAYS * 86_400_000;
const range = { fromMs: nowMs - spanMs, toMs: nowMs + 1 };
let peakRssMb = 0;
setInterval(() => {
  peakRssMb = Math.max(peakRssMb, rssMb());
}, 100).unref();
const sizeOf = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

/** The store in a process of its own has CPU and memory of its own. */
async function openDuckDb() {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-bench-'));
  return {
    open: () => createDuckDbEventStore({ directory }),
    settle: async () => {},
    bytes: () => sizeOf(directory),
    server: undefined,
    remove: async () => rmSync(directory, { recursive: true }),
  };
}

async function openElasticsearch() {
  const server = await startElasticsearch();
  const ask = (path) => fetch(`${server.url}/${path}`, { method: 'POST' });
  return {
    open: () => createElasticsearchEventStore({ nodes: [server.url] }),
    settle: async () => {
      await ask('fleetwall-*/_flush');
      await ask('fleetwall-*/_refresh');
    },
    bytes: () => sizeOf(join(server.directory, 'data')),
    server: () => {
      const { stdout } = spawnSync('ps', ['-o', 'times=,rss=', '-s', String(server.pid)], { encoding: 'utf8' });
      const rows = stdout
        .trim()
        .split('\n')
        .map((row) => row.trim().split(/\s+/).map(Number));
      const total = (column) => rows.reduce((sum, row) => sum + row[column], 0);
      return { cpuSeconds: total(0), rssMb: Math.round(total(1) / 1e3) };
    },
    remove: server.stop,
  };
}

async function load(store) {
  let loaded = 0;
  let making = 0;
  const cpuStart = process.cpuUsage();
  const startMs = performance.now();
  while (loaded < EVENTS && performance.now() - startMs < LOAD_LIMIT_MS) {
    const before = process.cpuUsage();
    const events = Array.from({ length: Math.min(2_000, EVENTS - loaded) }, (_, i) =>
      sshEvent(range.fromMs + Math.floor(((loaded + i) / EVENTS) * spanMs), loaded + i),
    );
    making += cpuSeconds(before);
    loaded += (await store.bulk(events)).created;
  }
  return { loaded, cpu: cpuSeconds(cpuStart) - making, seconds: (performance.now() - startMs) / 1000 };
}

function questionsTo(store, loaded) {
  return {
    'one address': () =>
      store.search({ query: term('source.ip', loud[below(loud.length)]), range, order: 'newest', limit: 100 }),
    'rare address': () => store.search({ query: term('source.ip', address()), range, order: 'newest', limit: 100 }),
    'newest page': () => store.search({ query: { type: 'all' }, range, order: 'newest', limit: 100 }),
    'network /24': () =>
      store.count({ query: { type: 'cidr', field: 'source.ip', network: `${address()}/24` }, range }),
    'user prefix': () =>
      store.count({ query: { type: 'prefix', field: 'user.name', value: `User${below(100)}` }, range }),
    'other field': () => store.count({ query: term('fleetwall.number', below(loaded)), range }),
    'rare word': () =>
      store.search({ query: { type: 'text', value: `user${below(20_000)}` }, range, order: 'newest', limit: 100 }),
    histogram: () => store.histogram({ query: term('event.outcome', 'failure'), range, bucketMs: 3_600_000 }),
    'top addresses': () => store.top({ query: { type: 'all' }, range, field: 'source.ip', limit: 10 }),
  };
}

async function ask(questions) {
  for (const [name, question] of Object.entries(questions)) {
    const times = [];
    const before = process.cpuUsage();
    for (let i = 0; i < REPEATS; i++) {
      const asked = performance.now();
      await question();
      times.push(performance.now() - asked);
    }
    const cpuMs = Math.round((cpuSeconds(before) * 1000) / REPEATS);
    console.log(
      `${name.padEnd(14)} p50 ${percentile(times, 0.5)} ms, p95 ${percentile(times, 0.95)} ms, ${cpuMs} CPU ms each`,
    );
  }
}

async function scan(store) {
  const start = process.cpuUsage();
  let scanned = 0;
  for await (const _ of store.scan({ query: { type: 'all' }, range, order: 'oldest' })) {
    if (++scanned === 200_000) break;
  }
  console.log(
    `scan    ${Math.round(scanned / cpuSeconds(start))} events per CPU s, RSS ${rssMb()} MB, peak ${peakRssMb}`,
  );
}

async function trickle(store) {
  // The first write of a day reads its ids; that is not what a trickle costs.
  await store.bulk([sshEvent(Date.now(), EVENTS)]);
  const start = process.cpuUsage();
  const untilMs = performance.now() + TRICKLE_MS;
  let single = 0;
  while (performance.now() < untilMs) {
    void store.bulk([sshEvent(Date.now(), EVENTS + ++single)]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  console.log(
    `trickle ${Math.round(single / (TRICKLE_MS / 1000))} single events per s: ${((cpuSeconds(start) / TRICKLE_MS) * 100_000).toFixed(1)} % of a core, RSS ${rssMb()} MB`,
  );
  const idleStart = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  console.log(`idle    ${((cpuSeconds(idleStart) / 3) * 100).toFixed(2)} % of a core, RSS ${rssMb()} MB`);
}

async function measure(name, prepare) {
  console.log(`\n${name}`);
  const place = await prepare();
  peakRssMb = rssMb();
  const serverBefore = place.server?.();
  let store = await place.open();
  const { loaded, cpu, seconds } = await load(store);
  await place.settle();
  console.log(
    `ingest  ${loaded} events over ${DAYS} days in bulks of 2,000: ${Math.round(loaded / cpu)} per CPU s, ${Math.round(loaded / seconds)} per s, ${(place.bytes() / 1e6).toFixed(0)} MB on disk, RSS ${rssMb()} MB, peak ${peakRssMb}`,
  );
  if (place.server) {
    const { cpuSeconds: used, rssMb: rss } = place.server();
    console.log(`server  ${Math.round(loaded / (used - serverBefore.cpuSeconds))} events per CPU s, RSS ${rss} MB`);
  }
  await store.close();
  store = await place.open();
  peakRssMb = rssMb();
  await ask(questionsTo(store, loaded));
  console.log(`RSS after queries ${rssMb()} MB, peak ${peakRssMb}`);
  await scan(store);
  await trickle(store);
  await store.close();
  await place.remove();
}

const missing = whatIsMissing();
if (values.store !== 'elasticsearch') await measure('DuckDB', openDuckDb);
if (values.store !== 'duckdb') {
  if (missing) console.log(`\nElasticsearch: left out, this machine lacks ${missing}`);
  else await measure('Elasticsearch', openElasticsearch);
}
