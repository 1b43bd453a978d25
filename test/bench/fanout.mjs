// Measures one gateway with many collectors on loopback: node test/bench/fanout.mjs [--connections 2000 --broadcasts 40
// --snapshot 0 --batches 20000]. The gateway is a process of its own; all collectors are one other, on the same processors.
import { fork, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from './quantile.mjs';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000' },
    broadcasts: { type: 'string', default: '40' },
    snapshot: { type: 'string', default: '0' },
    batches: { type: 'string', default: '2000' },
    gateway: { type: 'string' },
  },
});
const CONNECTIONS = Number(values.connections);
const BROADCASTS = Number(values.broadcasts);
const SNAPSHOT = Number(values.snapshot);
const BATCHES = Number(values.batches);
const EVENTS_PER_BATCH = 50;
const HANDSHAKES_AT_ONCE = 64;

if (values.gateway) await runGateway(values.gateway);
else await measure();

/** The process that is measured; it does what its parent says. */
async function runGateway(directory) {
  const { CertificateWatch, CredentialFile, GatewayPipeline, GatewayServer } = await import(
    '@fleetwall/gateway-service'
  );
  const { topicSpecs, TOPICS } = await import('@fleetwall/core');
  const { createMemoryBus } = await import('../../libs/testkit/dist/memory-bus.js');
  const onError = (error) => console.error(error);
  const bus = createMemoryBus();
  await bus.declare(topicSpecs(1));
  const publish = bus.publish.bind(bus);
  // Events are only counted: memory is to be the gateway's, not the bus's.
  bus.publish = async (topic, records) => (topic === TOPICS.blocks ? publish(topic, records) : []);
  const block = (n) => ({
    ...{ id: `block ${n}`, version: 1, target: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, scope: { type: 'fleet' } },
    ...{ state: 'active', atMs: 0, untilMs: Date.now() + 86_400_000, offence: 1, reasons: [], forgetBeforeMs: 0 },
    ...{ cutSessions: false, except: [], history: [] },
  });
  const put = (blocks) =>
    publish(
      TOPICS.blocks,
      blocks.map((one) => ({ key: one.target, value: Buffer.from(JSON.stringify(one)) })),
    );
  await put(Array.from({ length: SNAPSHOT }, (_, n) => block(n)));
  const pipeline = new GatewayPipeline({ bus, clock: Date.now });
  await pipeline.start();
  const server = await GatewayServer.listen({
    host: '127.0.0.1',
    port: 0,
    tls: await CertificateWatch.open({ source: { home: directory }, clock: Date.now, onError }),
    credentials: await CredentialFile.open({ path: join(directory, 'credentials.yml'), onRead: () => {}, onError }),
    pipeline,
    clock: Date.now,
    limits: { pendingPerAddress: 1e6, pendingConnections: 1e6, connectionsPerAddressPerSecond: 1e6 },
    onNotice: (notice) => console.error(notice),
    onError,
  });
  let next = SNAPSHOT;
  const answers = {
    block: async () => {
      const at = process.hrtime.bigint();
      await put([block(next++)]);
      return { at: String(at) };
    },
    memory: async () => {
      globalThis.gc?.();
      return {
        rss: process.memoryUsage().rss,
        cpu: process.cpuUsage(),
        stats: server.stats,
        events: pipeline.stats.events,
      };
    },
  };
  process.on('message', async (question) => process.send({ question, ...(await answers[question]()) }));
  process.on('disconnect', () => process.exit());
  process.send({ question: 'ready', port: server.port });
}

async function measure() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const parts = ['services/gateway', 'libs/testkit'].map((part) => join(root, part));
  if (spawnSync(process.execPath, [tsc, '-b', ...parts], { stdio: 'inherit' }).status !== 0) process.exit(1);
  const { newCredential } = await import('@fleetwall/protocol');
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-fanout-'));
  const credentials = Array.from({ length: CONNECTIONS }, (_, n) =>
    newCredential({ agent: `agent-${n}`, host: `host-${n}`, tenant: 'bench' }),
  );
  writeFileSync(join(directory, 'credentials.yml'), JSON.stringify(credentials.map(({ row }) => row)));
  const args = ['--gateway', directory, '--snapshot', String(SNAPSHOT)];
  const gateway = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--expose-gc'] });
  const answer = (question) =>
    new Promise((resolve) => {
      const onMessage = (message) => {
        if (message.question !== question) return;
        gateway.off('message', onMessage);
        resolve(message);
      };
      gateway.on('message', onMessage);
    });
  const ask = (question) => {
    const answered = answer(question);
    gateway.send(question);
    return answered;
  };
  try {
    const { port } = await answer('ready');
    const before = await ask('memory');
    const collectors = await connectAll(port, credentials);
    const after = await ask('memory');
    const kib = (after.rss - before.rss) / 1_024 / CONNECTIONS;
    console.log(
      `gateway memory: ${mib(before.rss)} MiB empty, ${mib(after.rss)} MiB with all: ${kib.toFixed(1)} KiB a connection`,
    );
    await broadcast(collectors, ask);
    await sendEvents(collectors, ask);
    for (const { ws } of collectors) ws.terminate();
  } finally {
    gateway.disconnect();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function connectAll(port, credentials) {
  const { COLLECTOR_PATH } = await import('@fleetwall/protocol');
  const { WebSocket } = await import('ws');
  const url = `wss://127.0.0.1:${port}${COLLECTOR_PATH}`;
  const connect = ({ token }) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      const ws = new WebSocket(url, ['fleetwall.v1'], { rejectUnauthorized: false, perMessageDeflate: false, headers });
      const collector = { ws, acknowledged: 0, onDelta: () => {}, onAck: () => {} };
      ws.on('error', reject);
      ws.on('open', () => {
        const about = { instance: randomUUID(), agentVersion: 'bench', features: [], timeMs: Date.now() };
        ws.send(JSON.stringify({ type: 'hello', version: 1, ...about }));
      });
      ws.on('message', (data) => {
        const text = data.toString('latin1', 0, 24);
        if (text.startsWith('{"type":"delta"')) collector.onDelta();
        else if (text.startsWith('{"type":"ack"')) collector.onAck(JSON.parse(data.toString()).sequence);
        else if (text.startsWith('{"type":"snapshot.end"')) resolve(collector);
      });
    });
  const startedMs = performance.now();
  const collectors = [];
  const waiting = [...credentials];
  const lane = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) collectors.push(await connect(next));
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, lane));
  const seconds = (performance.now() - startedMs) / 1_000;
  const blocks = SNAPSHOT > 0 ? `, each with a snapshot of ${SNAPSHOT} blocks` : '';
  console.log(
    `${CONNECTIONS} connections in ${seconds.toFixed(1)} s: ${(CONNECTIONS / seconds).toFixed(0)} handshakes/s${blocks}`,
  );
  return collectors;
}

/** From the publish of one block to its arrival at each collector. */
async function broadcast(collectors, ask) {
  const latencies = [];
  const lasts = [];
  for (let n = 0; n < BROADCASTS; n++) {
    const arrivals = collectors.map(
      (collector) =>
        new Promise((resolve) => {
          collector.onDelta = () => resolve(process.hrtime.bigint());
        }),
    );
    const { at } = await ask('block');
    const times = (await Promise.all(arrivals)).map((time) => Number(time - BigInt(at)) / 1e6);
    latencies.push(...times);
    lasts.push(Math.max(...times));
  }
  console.log(
    `broadcast to one collector: p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms`,
  );
  console.log(
    `broadcast to the last of all: p50 ${quantile(lasts, 0.5).toFixed(1)} ms, p99 ${quantile(lasts, 0.99).toFixed(1)} ms`,
  );
}

/** Small batches from everybody, one under way at each collector. */
async function sendEvents(collectors, ask) {
  const { encodeBatchFrame, joinEvents } = await import('@fleetwall/protocol');
  const { gzipSync } = await import('node:zlib');
  const original = 'sshd[4022]: Failed password for root from 198.51.100.7 port 4022 ssh2';
  const events = Array.from({ length: EVENTS_PER_BATCH }, (_, n) =>
    JSON.stringify({
      '@timestamp': new Date().toISOString(),
      'event.id': randomUUID(),
      'event.original': `${n} ${original}`,
    }),
  );
  const raw = joinEvents(events);
  const payload = gzipSync(raw, { level: 1 });
  const before = await ask('memory');
  const startedMs = performance.now();
  let left = BATCHES;
  await Promise.all(
    collectors.map(async (collector) => {
      for (let sequence = 1; left > 0; sequence++) {
        left--;
        const acknowledged = new Promise((resolve) => {
          collector.onAck = resolve;
        });
        collector.ws.send(
          encodeBatchFrame({ codec: 'gzip', events: events.length, sequence, rawBytes: raw.length, payload }),
        );
        await acknowledged;
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  const after = await ask('memory');
  const count = after.events - before.events;
  const cpuSeconds = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1e6;
  console.log(
    `${count} events in ${seconds.toFixed(1)} s: ${(count / seconds).toFixed(0)}/s, ${(count / cpuSeconds).toFixed(0)} per second of the gateway's processor time`,
  );
}

function mib(bytes) {
  return (bytes / 1_048_576).toFixed(0);
}
