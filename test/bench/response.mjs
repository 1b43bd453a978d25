// Measures what the response service makes of a botnet: node test/bench/response.mjs [--addresses 50000] [--hosts 100] [--json]
// Many addresses fail twice each at one account, spread over all hosts; correlation tells of them in changes of one alert,
// 2,000 contributors each. All are held, come due ten minutes later, and expire after their two hours. The service's own
// pipeline runs over a bus that keeps nothing, in a process of its own: CPU seconds, peak memory, the longest time that
// nothing else got a turn, and what was written.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const numberOf = (name, standard) => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) : standard);
const addresses = numberOf('--addresses', 50_000);
const hosts = numberOf('--hosts', 100);
const PER_CHANGE = 2_000;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 22, 12);
const MIB = 1_048_576;
const ROUNDS = 2;

const addressOf = (n) => `198.${18 + (n >> 16)}.${(n >> 8) & 0xff}.${n & 0xff}`;
const hostNames = Array.from({ length: hosts }, (_, i) => `web-${String(i + 1).padStart(3, '0')}`);
/** Each address fails at one host first, then at another. */
const hostOf = (address, round) => hostNames[(address * 7 + round * 13) % hosts];

/** The changes of the alert in the form of their records, 500 to a batch at most. */
function* changes() {
  let version = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let from = 0; from < addresses; from += PER_CHANGE) {
      const timeMs = START_MS + round * MINUTE_MS;
      const contributors = Array.from({ length: Math.min(PER_CHANGE, addresses - from) }, (_, i) => ({
        ...{ value: addressOf(from + i), count: round + 1, firstMs: START_MS, lastMs: timeMs },
        hosts: [hostOf(from + i, round)],
      }));
      version += 1_000;
      const evidence = contributors.slice(0, 20).map(({ hosts: [host] }, i) => ({
        ...{ attemptId: (version + i).toString(16).padStart(12, '0'), timeMs, host },
      }));
      yield {
        ...{
          id: 'a'.repeat(24),
          version,
          state: 'open',
          rule: 'distributed-brute-force',
          title: 'Distributed Brute Force',
        },
        ...{
          ruleId: '813b6926-fa77-43be-8afd-108a8ebb3a6b',
          level: 'high',
          tags: ['attack.t1110.001'],
          tenant: 'default',
        },
        ...{ key: { 'user.name': 'root' }, valueField: 'source.ip', evidenceClass: 'handshake', knownGood: false },
        ...{ history: false, threshold: 20, firstMs: START_MS, lastMs: timeMs, firedMs: START_MS },
        ...{
          count: Math.min(addresses, from + PER_CHANGE),
          hosts: hostNames.slice(0, 100),
          evidence,
          contributors,
          cleared: [],
        },
      };
    }
  }
}

/** The bus of one instance that decides; records of blocks are counted and let go, but for the one that says who writes. */
function createBus(written) {
  const bus = { onBatch: undefined, onBlock: undefined };
  const stop = async () => undefined;
  return Object.assign(bus, {
    declare: stop,
    close: stop,
    ranges: async () => [],
    offsetsAt: async () => [],
    follow: async ({ onRecord }) => {
      bus.onBlock = onRecord;
      return { caughtUp: Promise.resolve(), stop };
    },
    consume: async ({ onAssigned, onBatch }) => {
      bus.onBatch = onBatch;
      const at = { partition: 0, committed: 0 };
      setImmediate(() =>
        onAssigned([
          { topic: 'fleetwall.alerts', ...at },
          { topic: 'fleetwall.requests', ...at },
        ]),
      );
      return { pause: () => undefined, resume: () => undefined, stop };
    },
    publish: async (topic, records) => {
      await new Promise((resolve) => setImmediate(resolve));
      let bytes = 0;
      for (const record of records) {
        const offset = written.records++;
        bytes += record.value.length;
        if (record.key === 'epoch') bus.onBlock({ ...record, topic, partition: 0, offset, timestampMs: 0 });
      }
      written.bytes += bytes;
      written.largest = Math.max(written.largest, bytes);
      return records.map((_, i) => ({ topic, partition: 0, offset: written.records - records.length + i }));
    },
  });
}

async function run() {
  const [{ ResponsePipeline }, { loadPolicies }, { readYamlFiles }] = await Promise.all([
    import('../../services/response/dist/index.js'),
    import('../../libs/response/dist/index.js'),
    import('../../libs/config/dist/index.js'),
  ]);
  const policies = loadPolicies(await readYamlFiles(fileURLToPath(new URL('../../policies', import.meta.url))));
  const written = { records: 0, bytes: 0, largest: 0 };
  const bus = createBus(written);
  let nowMs = START_MS;
  const registry = { list: async () => [], watch: () => () => undefined };
  const onError = (error) => {
    throw error;
  };
  const pipeline = new ResponsePipeline({ bus, registry, clock: () => nowMs, policies, tenancy: 'one', onError });
  await pipeline.start();
  const until = async (holds) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await until(() => pipeline.stats.active === 1);
  const inState = (state) => pipeline.decider.book.states[state];
  const records = [...changes()].map((change, offset) => ({
    ...{ topic: 'fleetwall.alerts', partition: 0, offset, timestampMs: 0, key: change.id },
    value: Buffer.from(JSON.stringify(change)),
  }));
  globalThis.gc?.();
  const turns = { lastMs: performance.now(), longestMs: 0 };
  const turn = () => {
    const atMs = performance.now();
    turns.longestMs = Math.max(turns.longestMs, atMs - turns.lastMs);
    turns.lastMs = atMs;
  };
  setInterval(turn, 5);
  const steps = {};
  const timed = async (name, act) => {
    const before = process.cpuUsage();
    const fromMs = performance.now();
    turns.longestMs = 0;
    turns.lastMs = fromMs;
    await act();
    turn();
    const { user, system } = process.cpuUsage(before);
    steps[name] = {
      cpuSeconds: (user + system) / 1e6,
      seconds: (performance.now() - fromMs) / 1_000,
      pauseMs: turns.longestMs,
    };
  };
  await timed('decided', async () => {
    const half = records.length / 2;
    for (const [from, to] of [
      [0, half],
      [half, records.length],
    ]) {
      nowMs = START_MS + (from > 0 ? MINUTE_MS : 0);
      await bus.onBatch({ topic: 'fleetwall.alerts', partition: 0, records: records.slice(from, to) });
    }
  });
  const blocks = [...pipeline.decider.book.all()].length;
  await timed('come due', async () => {
    nowMs = START_MS + 12 * MINUTE_MS;
    await until(() => inState('held') === 0);
  });
  await timed('expired', async () => {
    nowMs = START_MS + 150 * MINUTE_MS;
    await until(() => inState('active') === 0);
  });
  await pipeline.stop();
  const { maxRSS } = process.resourceUsage();
  const contributors = addresses * ROUNDS;
  return { contributors, blocks, steps, peakMb: maxRSS / 1_024, written, stats: pipeline.decider.stats };
}

function report({ contributors, blocks, steps, peakMb, written, stats }) {
  const cpu = Object.values(steps).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const rows = Object.entries(steps).map(
    ([name, { cpuSeconds, seconds, pauseMs }]) =>
      `| ${name} | ${cpuSeconds.toFixed(2)} | ${seconds.toFixed(1)} | ${pauseMs.toFixed(0)} |`,
  );
  console.log(`${addresses} addresses at ${hosts} hosts, ${contributors} contributors told, ${blocks} blocks`);
  console.log(['| | CPU s | s | longest pause, ms |', '|---|---|---|---|', ...rows].join('\n'));
  console.log(`CPU s per 100,000 contributors: ${((cpu / contributors) * 100_000).toFixed(2)}`);
  console.log(
    `peak RSS ${peakMb.toFixed(0)} MB; written ${written.records} records, ${(written.bytes / MIB).toFixed(0)} MiB, ` +
      `${(written.largest / MIB).toFixed(2)} MiB at once at most`,
  );
  console.log(JSON.stringify(stats));
}

if (process.env.RESPONSE_BENCH) {
  console.log(JSON.stringify(await run()));
  process.exit(0);
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const built = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' });
if (built.status !== 0) throw new Error('it does not build: npm run build');
const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], {
  env: { ...process.env, RESPONSE_BENCH: '1' },
  encoding: 'utf8',
  maxBuffer: 1 << 24,
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (child.status !== 0) throw new Error(`exit ${child.status}`);
const result = JSON.parse(child.stdout.trim().split('\n').at(-1));
if (args.includes('--json')) console.log(JSON.stringify(result));
else report(result);
