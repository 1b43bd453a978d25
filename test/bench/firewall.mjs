// How fast the host's firewall is changed and read, beside the `nft` command doing the same. Needs root on Linux and a
// build (`npm run build`, or `tsc -b collector`). Works in a network namespace of its own; takes about half a minute.
//
//     node test/bench/firewall.mjs
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MANY = 100_000;
const SINGLE = 3000;
const SPAWNED = 50;
const LIMIT_MS = 180_000;

if (process.platform !== 'linux' || process.getuid() !== 0) {
  console.log('skipped: needs root on Linux');
  process.exit(0);
}
if (!process.env.FLEETWALL_BENCH_NAMESPACE) {
  const env = { ...process.env, FLEETWALL_BENCH_NAMESPACE: '1' };
  const script = fileURLToPath(import.meta.url);
  const options = { stdio: 'inherit', env, timeout: LIMIT_MS };
  process.exit(spawnSync('unshare', ['--net', process.execPath, script], options).status ?? 1);
}

const { openFirewall } = await import('../../collector/dist/firewalls/index.js');
const firewall = await openFirewall('nftables');

const nft = (input) => {
  const { status, stderr } = spawnSync('nft', ['-f', '-'], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};
const block = (target) => ({ id: target, target, untilMs: Date.now() + 3_600_000 });
const addresses = (first, count) =>
  Array.from({ length: count }, (_, i) => `${first}.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);

/** Milliseconds of each call, sorted. */
async function measure(calls) {
  const times = [];
  for (const call of calls) {
    const startMs = performance.now();
    await call();
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b);
}

function tell(what, times) {
  const at = (part) => times[Math.min(times.length - 1, Math.floor(part * times.length))];
  const text = (ms) => (ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : `${ms.toFixed(1)} ms`);
  const parts = times.length > 1 ? `p50 ${text(at(0.5))}  p99 ${text(at(0.99))}` : text(times[0]);
  console.log(`${what.padEnd(62)} ${parts}`);
  return at(0.5);
}

/** The longest time for which nothing else got its turn while `work` ran. */
async function longestPause(work) {
  let longestMs = 0;
  let lastMs = performance.now();
  const tick = () => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  };
  const timer = setInterval(tick, 1);
  await work();
  tick();
  clearInterval(timer);
  return longestMs;
}

const singles = (first) => addresses(first, SINGLE).map((target) => () => firewall.apply([block(target)], []));
const spawned = addresses('11', SPAWNED).map(
  (target) => () => nft(`add element inet fleetwall ipv4_32 { ${target} timeout 1h }`),
);

await firewall.apply([], []);
await measure(singles('9'));
const single = tell('add one address', await measure(singles('10')));
const prefixes = Array.from({ length: SINGLE }, (_, i) => `2001:db8:${i.toString(16)}:1::/64`);
tell('add one IPv6 /64', await measure(prefixes.map((target) => () => firewall.apply([block(target)], []))));
const command = tell('  the same by a spawned nft', await measure(spawned));
console.log(`  spawned nft / netlink: ${(command / single).toFixed(0)}`);

const intervals = addresses('20', MANY).map((_, i) => `20.${i >> 14}.${(i >> 6) & 255}.${(i & 63) * 4}/31`);
nft(`table inet other {\n set many { type ipv4_addr; flags interval; elements = { ${intervals.join(',')} } }\n }`);
tell(`add one while another table has ${MANY} intervals`, await measure(singles('12')));
tell('  the same by a spawned nft', await measure(spawned.slice(0, 3)));
nft('delete table inet other');

const many = addresses('13', MANY).map(block);
let pauseMs = 0;
const bulk = async () => {
  pauseMs = await longestPause(() => firewall.apply(many, []));
};
tell(`add ${MANY} in one batch`, await measure([bulk]));
console.log(`  longest pause of the event loop: ${pauseMs.toFixed(0)} ms`);
tell(`renew ${MANY} in one batch`, await measure([bulk]));
console.log(`  longest pause of the event loop: ${pauseMs.toFixed(0)} ms`);
tell('add one beside them', await measure(singles('14')));
tell(`list ${MANY} and some`, await measure([() => firewall.list()]));
tell('verify', await measure(Array.from({ length: 200 }, () => () => firewall.verify())));
const removals = [
  () =>
    firewall.apply(
      [],
      many.map((one) => one.target),
    ),
];
tell(`remove ${MANY} in one batch`, await measure(removals));
console.log(`${(await firewall.verify()).problems.length} problems, ${(await firewall.list()).length} left in force`);
await firewall.remove();
await firewall.close();
