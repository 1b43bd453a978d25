// Measures what it costs to know where addresses are from:
//
//   npm run bench:origins [-- --events 200000]
//
// Opening the shipped tables, one look-up, what naming adds to the indexer's storing (CPU seconds of this process, with and without,
// in turn), and what it costs to rank networks among what is stored.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { below, cpuSeconds } from './logons.mjs';

const { values } = parseArgs({ options: { events: { type: 'string', default: '200000' } } });
const EVENTS = Number(values.events);
const BULK = 2_000;
const ROUNDS = 3;
const DAYS = 7;

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const built = spawnSync(
  process.execPath,
  [tsc, '-b', join(root, 'libs/adapters/geo'), join(root, 'libs/adapters/embedded')],
  {
    stdio: 'inherit',
  },
);
if (built.status !== 0) process.exit(1);
const { OriginTables } = await import('@fleetwall/geo');
const { createDuckDbEventStore } = await import('@fleetwall/embedded');
const { nameOrigin } = await import('@fleetwall/core');

const nowMs = Date.now();
const address = () => `${1 + below(222)}.${below(256)}.${below(256)}.${below(256)}`;
// As attacks are: most lines are of few addresses, many addresses are met once.
const loud = Array.from({ length: 500 }, address);
/** Made anew for each store: naming writes into them. */
const madeEvents = () => Array.from({ length: EVENTS }, (_, i) => eventOf(i));

function eventOf(i) {
  const ip = below(3) === 0 ? address() : loud[below(loud.length)];
  const host = `web${below(50)}`;
  return {
    '@timestamp': nowMs - below(DAYS * 86_400_000),
    'event.id': `${i}`.padStart(32, '0'),
    'event.original': `Nov 22 07:00:00 ${host} sshd[${i}]: Failed password for root from ${ip} port ${1_024 + below(60_000)} ssh2`,
    ...{ 'event.kind': 'event', 'event.module': 'sshd', 'event.category': ['authentication'], 'event.type': ['start'] },
    ...{ 'event.action': 'ssh_login', 'event.outcome': 'failure', 'event.ingested': nowMs },
    ...{ 'host.name': host, 'host.id': host, 'organization.id': 'default', 'process.name': 'sshd', 'process.pid': i },
    ...{ 'source.ip': ip, 'source.port': 22, 'user.name': 'root', 'fleetwall.evidence': 'handshake' },
    ...{ 'fleetwall.attempt.role': 'attempt', 'fleetwall.attempt.id': `${i}`.padStart(12, '0') },
  };
}

const megabytes = async () => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};
const measured = async (work) => {
  const before = process.cpuUsage();
  const result = await work();
  return { seconds: cpuSeconds(before), result };
};

const beforeMb = await megabytes();
const onError = (error) => {
  throw error;
};
const { seconds: opening, result: tables } = await measured(() =>
  OriginTables.open({ databases: [], isShippedUsed: true, onError }),
);
console.log(
  `opening the shipped tables: ${opening.toFixed(2)} CPU s, ${Math.round((await megabytes()) - beforeMb)} MB kept`,
);

const many = Array.from({ length: 200_000 }, address);
const known = { country: 0, asNumber: 0 };
const cold = await measured(() => {
  for (const each of many) {
    const origin = tables.of(each);
    if (origin.country) known.country++;
    if (origin.asNumber) known.asNumber++;
  }
});
const warm = await measured(() => {
  for (let i = 0; i < 1_000_000; i++) tables.of(loud[i % loud.length]);
});
const share = (count) => `${((100 * count) / many.length).toFixed(0)} %`;
console.log(
  `a look-up: ${((cold.seconds / many.length) * 1e6).toFixed(1)} µs for an address not seen lately, ${(warm.seconds * 1e3).toFixed(0)} ns for others`,
);
console.log(
  `of addresses at random (some are nobody's): country of ${share(known.country)}, network of ${share(known.asNumber)}`,
);

async function stored(prepare, ask) {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-bench-origins-'));
  const store = await createDuckDbEventStore({ directory, memoryLimitMb: 96, onDamaged: onError });
  const events = madeEvents();
  const { seconds } = await measured(async () => {
    for (let at = 0; at < events.length; at += BULK) {
      const bulk = events.slice(at, at + BULK);
      for (const event of bulk) prepare(event);
      await store.bulk(bulk);
    }
  });
  await ask?.(store);
  await store.close();
  rmSync(directory, { recursive: true });
  return seconds;
}

async function ranking(store) {
  const range = { fromMs: nowMs - DAYS * 86_400_000, toMs: nowMs + 1 };
  const all = { type: 'all' };
  for (const field of ['source.ip', 'source.as.number', 'source.geo.country_iso_code']) {
    const { seconds } = await measured(() => store.top({ query: all, range, field, limit: 10 }));
    console.log(`ranking ${field} among ${EVENTS} events of ${DAYS} days: ${seconds.toFixed(2)} CPU s`);
  }
}

const [plain, named] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  plain.push(await stored(() => undefined));
  named.push(await stored((event) => nameOrigin(event, tables), round === 0 ? ranking : undefined));
}
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const perMillion = (seconds) => ((seconds / EVENTS) * 1e6).toFixed(1);
const fresh = madeEvents();
const naming = await measured(() => {
  for (const event of fresh) nameOrigin(event, tables);
});
console.log(
  `storing, CPU s per million events: ${perMillion(median(plain))} as they came, ${perMillion(median(named))} with their origin (${(median(named) / median(plain)).toFixed(2)} times); finding the origin is ${perMillion(naming.seconds)} of it`,
);
await tables.close();
