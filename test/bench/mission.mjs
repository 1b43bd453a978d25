// The mission: one failure on each of five hosts, and the sixth, never attacked, drops the attacker's first packet. Real
// sshd, real clients, nftables in network namespaces, Kafka, Elasticsearch and every service as a process of its own.
// From the fifth failed password (the log daemon's stamp) to the element in the sixth kernel's set; then from the wish to lift
// it until no kernel of the six has it.
//   node test/bench/mission.mjs [--runs 50] [--json]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../../scripts/local-cluster.mjs';
import { missing, RealFleet } from '../e2e/real-fleet.mjs';
import { quantile } from './quantile.mjs';

const args = process.argv.slice(2);
const runs = Math.min(250, Number(args[args.indexOf('--runs') + 1] || 50) || 50);
const HOSTS = 6;

process.env.FLEETWALL_TEST_REAL = '1';
const reason = missing();
if (reason) {
  console.error(`bench:mission cannot run here: ${reason}`);
  process.exit(2);
}
execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
  stdio: 'ignore',
});

const attackers = Array.from({ length: runs }, (_, i) => `198.51.100.${i + 1}`);
const fleet = await RealFleet.start({ hosts: HOSTS, attackers });
process.once('SIGINT', () => void fleet.stop().then(() => process.exit(130)));
const blocked = [];
const lifted = [];
try {
  const sixth = fleet.hosts.at(-1);
  const seen = sixth.watchElements();
  for (const [i, address] of attackers.entries()) {
    let failedMs = 0;
    for (const host of fleet.hosts.slice(0, -1)) failedMs = await fleet.fail(address, host);
    const elementMs = await until(`${address} in the sixth kernel`, () => seen.get(address));
    if (fleet.comesThrough(address, sixth)) throw new Error(`${address} still comes through`);
    blocked.push(elementMs - failedMs);
    const liftMs = performance.now();
    await fleet.cluster.control('POST', 'unblock', { target: address, by: 'bench', comment: 'measured' });
    await until(`${address} to be lifted everywhere`, () => fleet.hosts.every((host) => !host.holds(address)));
    lifted.push(performance.now() - liftMs);
    if (!fleet.comesThrough(address, sixth)) throw new Error(`${address} was lifted and does not come through`);
    if (process.stderr.isTTY) process.stderr.write(`\r${i + 1}/${runs} `);
  }
} finally {
  await fleet.stop();
}

const report = { runs, blocked: quantilesOf(blocked), lifted: quantilesOf(lifted) };
if (args.includes('--json')) console.log(JSON.stringify(report));
else {
  console.log(`${runs} runs, ms                              p50     p90     p99    most`);
  console.log(`fifth failure to the sixth host's kernel ${shown(report.blocked)}`);
  console.log(`lift to the last of ${HOSTS} kernels            ${shown(report.lifted)}`);
}

function quantilesOf(values) {
  const [p50Ms, p90Ms, p99Ms] = [0.5, 0.9, 0.99].map((share) => quantile(values, share));
  return { p50Ms, p90Ms, p99Ms, mostMs: Math.max(...values) };
}

function shown(quantiles) {
  return Object.values(quantiles)
    .map((ms) => ms.toFixed(1).padStart(7))
    .join(' ');
}
