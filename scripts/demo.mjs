// `npm run demo`: the mission for a person to watch. Real Kafka, real Elasticsearch, every service as a process of its own,
// six servers. One attacker fails once on each of five; the sixth, never attacked, has it blocked. As root on Linux the
// servers are network namespaces with a real sshd and nftables; otherwise six collectors that read files and only report.
//
//   node scripts/demo.mjs [--keep]    --keep: everything stays up until Ctrl-C
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalCluster, until, whatIsMissing } from './local-cluster.mjs';
import { setUp, withSetupErrors } from './setup.mjs';

const ATTACKER = '198.51.100.7';
const HOSTS = 6;

await withSetupErrors(setUp);
const missing = whatIsMissing();
if (missing) {
  console.error(
    `The demo cannot run here: it needs ${missing}.\n  \`npm start\` needs neither Kafka nor Elasticsearch.`,
  );
  process.exit(2);
}
const stage = await setTheStage();
let stopping;
const stop = () => {
  stopping ??= stage.stop();
  return stopping;
};
process.once('SIGINT', () => void stop().then(() => process.exit(130)));
try {
  await play(stage);
  if (process.argv.includes('--keep')) await stay(stage);
} finally {
  await stop();
}

/** Real servers where this machine lets us make them. */
async function setTheStage() {
  process.env.FLEETWALL_TEST_REAL = '1';
  const { missing: hostsMissing, RealFleet } = await import('../test/e2e/real-fleet.mjs');
  const why = hostsMissing();
  console.log('Starting Kafka, Elasticsearch, the services and six servers; this takes about a minute …');
  if (why) {
    console.log(`The servers are collectors that read files and only report (${why}).`);
    return filesOnly();
  }
  console.log('The servers are network namespaces, each with a real sshd and nftables.');
  const fleet = await RealFleet.start({ hosts: HOSTS, attackers: [ATTACKER] });
  const sixth = fleet.hosts.at(-1);
  const seen = sixth.watchElements();
  return {
    cluster: fleet.cluster,
    hosts: fleet.hosts,
    fail: (host) => fleet.fail(ATTACKER, host),
    blocked: () => until('the block in the kernel of the sixth', () => seen.get(ATTACKER)),
    isOut: () => !fleet.comesThrough(ATTACKER, sixth),
    isIn: () => fleet.comesThrough(ATTACKER, sixth),
    stop: () => fleet.stop(),
  };
}

async function filesOnly() {
  const cluster = await LocalCluster.start();
  try {
    await cluster.startServices();
    const hosts = Array.from({ length: HOSTS }, (_, i) => ({
      name: `web-${i + 1}`,
      log: join(cluster.directory, 'logs', `web-${i + 1}.log`),
    }));
    mkdirSync(join(cluster.directory, 'logs'));
    for (const host of hosts) {
      writeFileSync(host.log, '');
      host.collector = await cluster
        .collector({ host: host.name, env: { FLEETWALL_COLLECTOR_FILES: host.log } })
        .start();
      await until('its gateway', async () => (await host.collector.control('GET', 'status')).uplink.connected);
      await host.collector.control('POST', 'arm', { by: 'demo' });
    }
    const sixth = hosts.at(-1).collector;
    const inForce = async () => (await sixth.control('GET', 'status')).blocks.inForceHere;
    return {
      cluster,
      hosts,
      fail: async (host) => {
        const atMs = Date.now();
        const stamp = new Date(atMs).toISOString().replace('Z', '000+00:00');
        appendFileSync(
          host.log,
          `${stamp} ${host.name} sshd[${1_000 + (atMs % 30_000)}]: Failed password for root from ${ATTACKER} port 40022 ssh2\n`,
        );
        return atMs;
      },
      blocked: () => until('the block on the sixth', async () => ((await inForce()) > 0 ? Date.now() : undefined)),
      isOut: async () => (await inForce()) > 0,
      isIn: async () => (await inForce()) === 0,
      stop: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function play({ cluster, hosts, fail, blocked, isOut, isIn }) {
  console.log('');
  let lastMs = 0;
  for (const host of hosts.slice(0, -1)) {
    lastMs = await fail(host);
    console.log(`  ${new Date(lastMs).toISOString()}  ${host.name}  one failed password for root from ${ATTACKER}`);
  }
  const blockedMs = await blocked();
  console.log(
    `  ${new Date(blockedMs).toISOString()}  ${hosts.at(-1).name}  ${ATTACKER} is blocked, ${(blockedMs - lastMs).toFixed(0)} ms after the fifth failure anywhere`,
  );
  console.log(
    `\nThe sixth server, never attacked, drops it: ${await isOut()}\n\nWhy, as the response service tells it:`,
  );
  const why = await until('the five lines in Elasticsearch', async () => {
    const answer = await cluster.control('GET', `why/${ATTACKER}`);
    const evidence = answer.blocks[0]?.reasons[0]?.evidence ?? [];
    return evidence.length >= 5 && evidence.every(({ line }) => line.includes(ATTACKER)) ? answer : undefined;
  });
  const { rule, summary, evidence } = why.blocks[0].reasons[0];
  console.log(`  ${rule}: ${summary}`);
  for (const { host, line } of evidence) console.log(`  ${host}  ${line}`);
  await cluster.control('POST', 'unblock', { target: ATTACKER, by: 'demo', comment: 'the demo is over' });
  const beganMs = performance.now();
  await until('the lift', isIn);
  console.log(`\nLifted by hand: it comes through again ${(performance.now() - beganMs).toFixed(0)} ms later.`);
}

async function stay({ cluster }) {
  console.log(`\nEverything stays up until Ctrl-C. Elasticsearch: ${cluster.elasticsearch.url}/fleetwall-*/_search`);
  console.log(
    `Kafka: 127.0.0.1:${cluster.kafka.port}. Blocks: FLEETWALL_HOME=${cluster.of('response')[0].home} ./fleetwall blocks`,
  );
  await new Promise(() => {});
}
