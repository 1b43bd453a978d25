// The services as a cluster beside a floor, in one run: events/s and CPU seconds per 1M events of each service, from the
// record of the fifth failure to the record of the block, restore, memory. Real Kafka, real Elasticsearch, every service
// a process of its own; the collectors' reader and uplink make and send the events.
//   node test/bench/cluster.mjs [--events 40000] [--failures 20000] [--rate 1000] [--seconds 20] [--json] [--profile DIR]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { whatIsMissing } from '../../scripts/local-cluster.mjs';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '40000' },
    failures: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const missing = whatIsMissing();
if (missing) {
  console.error(`bench:cluster cannot run here: this machine lacks ${missing}`);
  process.exit(2);
}
execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { Stages } = await import('./cluster/stages.mjs');
const { report } = await import('./cluster/report.mjs');

const beganMs = performance.now();
const say = (text) => console.error(`${((performance.now() - beganMs) / 1_000).toFixed(0).padStart(4)} s  ${text}`);
const stages = await Stages.begin({ say, profile: options.profile });
process.once('SIGINT', () => void stages.end().then(() => process.exit(130)));
try {
  const mixed = await load('mixed', Number(options.events));
  mixed.indexer = await stages.drain('indexer');
  const sizes = await stages.sizes();
  const failures = await load('failures', Number(options.failures));
  const restore = await stages.restore();
  const latency = await stages.latency({ rate: Number(options.rate), seconds: Number(options.seconds) });
  const figures = { mixed, failures, restore, latency, sizes };
  console.log(options.json ? JSON.stringify(figures, undefined, 2) : report(figures));
} finally {
  await stages.end();
}

/** The floor before and after, since other work on the machine comes and goes. */
async function load(mix, events) {
  const gateway = await stages.produce(mix, events);
  const floors = [await stages.floor(gateway.ranges)];
  const correlation = await stages.drain('correlation');
  floors.push(await stages.floor(gateway.ranges));
  const response = await stages.drain('response');
  return { gateway, floors, correlation, response };
}
