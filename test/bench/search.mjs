// Measures what the Events page asks, while events come in, on DuckDB in this process and on Elasticsearch beside it:
//
//   npm run bench:search [-- --events 2000000 --rate 200 --store duckdb|elasticsearch]
//
// Times are those of a person who waits; CPU is of this process, and for Elasticsearch of its server as well.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startElasticsearch, whatIsMissing } from '../../scripts/elasticsearch.mjs';
import { below, cpuSeconds, loud, percentile, rssMb, sshEvent } from './logons.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000000' },
    rate: { type: 'string', default: '200' },
    repeats: { type: 'string', default: '30' },
    export: { type: 'string', default: '500000' },
    store: { type: 'string' },
  },
});
const EVENTS = Number(values.events);
const REPEATS = Number(values.repeats);
const MOST_EXPORTED = Number(values.export);
const DAYS = 30;
const DAY_MS = 86_400_000;
const HOSTS = 2_000;
const BULK_EVERY_MS = 100;
const TAIL_POLLS = 30;
const POLL_MS = 1_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '-b', join(root, 'services/console')];
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1);
const { createDuckDbEventStore } = await import('@fleetwall/embedded');
const { createElasticsearchEventStore } = await import('@fleetwall/elasticsearch');
const dist = (name) => import(`../../services/console/dist/${name}.js`);
const { Events } = await dist('events/events');
const { EventExports } = await dist('events/event-export');
const { Tail } = await dist('events/tail');
const { ValueCounts } = await dist('events/value-counts');
const { Hosts } = await dist('hosts/hosts');

const CALLER = { name: 'bench', untilMs: Number.POSITIVE_INFINITY };

let peakRssMb = 0;
setInterval(() => {
  peakRssMb = Math.max(peakRssMb, rssMb());
}, 100).unref();

async function openDuckDb() {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-bench-'));
  const store = await createDuckDbEventStore({ directory });
  const remove = async () => rmSync(directory, { recursive: true });
  return { store, server: () => 0, settle: async () => {}, remove };
}

async function openElasticsearch() {
  const started = await startElasticsearch();
  const store = await createElasticsearchEventStore({ nodes: [started.url] });
  const server = () => {
    const { stdout } = spawnSync('ps', ['-o', 'times=', '-s', String(started.pid)], { encoding: 'utf8' });
    return stdout
      .trim()
      .split('\n')
      .reduce((sum, row) => sum + Number(row), 0);
  };
  const settle = async () => void (await fetch(`${started.url}/fleetwall-*/_refresh`, { method: 'POST' }));
  return { store, server, settle, remove: started.stop };
}

async function load(store) {
  const beginMs = Date.now() - DAYS * DAY_MS;
  const spanMs = DAYS * DAY_MS - 1_000;
  const before = process.cpuUsage();
  for (let loaded = 0; loaded < EVENTS; loaded += 2_000) {
    const at = (i) => beginMs + Math.floor(((loaded + i) / EVENTS) * spanMs);
    await store.bulk(
      Array.from({ length: Math.min(2_000, EVENTS - loaded) }, (_, i) => sshEvent(at(i), loaded + i, HOSTS)),
    );
  }
  console.log(`load      ${EVENTS} events over ${DAYS} days, ${cpuSeconds(before).toFixed(0)} CPU s with making them`);
}

/** Events that come in while others search; answers what ends it, and the ids that were stored. */
function ingest(store) {
  const stored = new Set();
  let isOver = false;
  let number = EVENTS;
  const run = async () => {
    while (!isOver) {
      const nowMs = Date.now();
      const size = Math.round((Number(values.rate) * BULK_EVERY_MS) / 1_000);
      const events = Array.from({ length: size }, () => ({
        ...sshEvent(nowMs, ++number, HOSTS),
        'event.ingested': nowMs,
      }));
      await store.bulk(events);
      for (const event of events) stored.add(event['event.id']);
      await pause(Math.max(0, BULK_EVERY_MS - (Date.now() - nowMs)));
    }
  };
  const running = run();
  return {
    stored,
    stop: () => {
      isOver = true;
      return running;
    },
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function questionsTo(store) {
  const events = new Events(store, Date.now);
  const completion = new ValueCounts(store, events);
  const found = (query, from) => events.found({ query, from, to: 'now' }, CALLER);
  const loudOne = () => `source.ip:${loud[below(loud.length)]}`;
  return {
    'first page': (from) => events.page(found('', from), 'newest', 200),
    'page of an address': (from) => events.page(found(loudOne(), from), 'newest', 200),
    'page of a word': (from) => events.page(found(`user${below(20_000)}`, from), 'newest', 200),
    histogram: (from) => events.histogram(found('event.outcome:failure', from), 60),
    'top users': (from) => events.top(found('', from), 'user.name', 10),
    'top addresses': (from) => events.top(found('event.outcome:failure', from), 'source.ip', 10),
    'values of a field': (from) =>
      completion.of({ query: '', from, to: 'now', field: 'user.name', prefix: `user${below(9)}`, limit: 10 }, CALLER),
  };
}

async function ask(name, question, server) {
  const times = [];
  const before = process.cpuUsage();
  const serverBefore = server();
  for (let i = 0; i < REPEATS; i++) {
    const asked = performance.now();
    await question();
    times.push(performance.now() - asked);
  }
  const each = (seconds) => `${Math.round((seconds * 1_000) / REPEATS)}`.padStart(5);
  const cost = `${each(cpuSeconds(before))} CPU ms${server() ? `, ${each(server() - serverBefore)} of the server` : ''}`;
  const [p50, p95] = [0.5, 0.95].map((p) => percentile(times, p).padStart(6));
  console.log(`${name.padEnd(30)} p50 ${p50} ms, p95 ${p95} ms, ${cost}`);
}

/** The hosts as Overview and Hosts ask for them, every ten seconds by everybody who looks. */
async function askHosts(store, server) {
  const board = { hosts: () => [] };
  await ask('hosts, first time', () => new Hosts(board, store, Date.now).list(CALLER), server);
  const hosts = new Hosts(board, store, Date.now);
  await ask('hosts, again', () => hosts.list(CALLER), server);
}

async function exported(store) {
  const events = new Events(store, Date.now);
  const found = events.found({ query: '', from: 'now-30d', to: 'now' }, CALLER);
  for (const format of ['ndjson', 'csv']) {
    const [before, began] = [process.cpuUsage(), performance.now()];
    peakRssMb = rssMb();
    let bytes = 0;
    let rows = 0;
    const limited = (async function* () {
      for await (const event of events.scan(found, 'newest')) {
        yield event;
        if (++rows === MOST_EXPORTED) return;
      }
    })();
    for await (const chunk of new EventExports().stream(limited, format)) bytes += chunk.length;
    const seconds = (performance.now() - began) / 1_000;
    console.log(
      `export    ${rows} events as ${format}, ${Math.round(bytes / 1e6)} MB: ${Math.round(rows / seconds)} per s, ${Math.round(rows / cpuSeconds(before))} per CPU s, peak RSS ${peakRssMb} MB`,
    );
  }
}

/** Every event that was stored meanwhile has to be told of; how often one comes twice is told. */
async function tailed(store, ingesting) {
  const tail = new Tail(store, new Events(store, Date.now), Date.now);
  const told = new Map();
  const delays = [];
  let { cursor } = await tail.after({ query: '' }, CALLER);
  const known = new Set(ingesting.stored);
  let cuts = 0;
  for (let poll = 0; poll < TAIL_POLLS; poll++) {
    await pause(POLL_MS);
    // What is stored while the answer is made may be told of by the next one.
    const before = [...ingesting.stored].filter((id) => !known.has(id));
    const answer = await tail.after({ query: '', cursor }, CALLER);
    cursor = answer.cursor;
    if (answer.isCut) cuts++;
    for (const event of answer.events) {
      const id = event['event.id'];
      if (!told.has(id)) delays.push(Date.now() - Date.parse(event['event.ingested']));
      told.set(id, (told.get(id) ?? 0) + 1);
    }
    if (poll === TAIL_POLLS - 1) {
      const missed = before.filter((id) => !told.has(id)).length;
      const repeated = [...told.values()].reduce((sum, times) => sum + times - 1, 0);
      console.log(
        `live tail ${told.size} events told of, asked for every ${POLL_MS} ms: p50 ${percentile(delays, 0.5)} ms, p95 ${percentile(delays, 0.95)} ms after arrival; ${missed} stored and not told of, ${repeated} told of twice, ${cuts} answers cut`,
      );
    }
  }
}

async function measure(name, open) {
  console.log(`\n${name}, load average ${loadavg()[0].toFixed(1)}`);
  const { store, server, settle, remove } = await open();
  await load(store);
  await settle();
  const ingesting = ingest(store);
  for (const [range, from] of [
    ['1 day', 'now-1d'],
    ['30 days', 'now-30d'],
  ]) {
    for (const [question, run] of Object.entries(questionsTo(store))) {
      await ask(`${question}, ${range}`, () => run(from), server);
    }
  }
  await askHosts(store, server);
  await tailed(store, ingesting);
  await exported(store);
  await ingesting.stop();
  console.log(`came in   ${ingesting.stored.size} events meanwhile; load average ${loadavg()[0].toFixed(1)}`);
  await store.close();
  await remove();
}

if (values.store !== 'elasticsearch') await measure('DuckDB', openDuckDb);
if (values.store !== 'duckdb') {
  const missing = whatIsMissing();
  if (missing) console.log(`\nElasticsearch: left out, this machine lacks ${missing}`);
  else await measure('Elasticsearch', openElasticsearch);
}
process.exit(0);
