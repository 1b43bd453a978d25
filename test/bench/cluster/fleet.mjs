// The collectors of the bench, all in one process of its own: lines through the collector's own reader, and the events
// through its own uplink to a real gateway. Does what its parent says over IPC.
//
//   { do: 'connect', url, pins, hosts: [{ host, token }] }        -> { connected }
//   { do: 'send', events, mix }                                   -> { events, seconds, rawBytes, gzipBytes, addresses … }
//   { do: 'sendAtRate', mix, perSecond, seconds, attackersPerSecond } -> { events, attackers, lateMs }
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { LineReader } from '../../../collector/dist/line-reader.js';
import { GatewayUplink } from '../../../collector/dist/uplink/index.js';
import { encodeEvent } from '../../../libs/core/dist/index.js';
import { LineWriter } from './lines.mjs';

const BATCH_EVENTS = 500;
const TICK_MS = 20;
const TRIES = 5;
const TRY_EVERY_MS = 150;

let seed = 1;
let serial = 0;
let hosts = [];

const commands = { connect, send, sendAtRate };
process.on('message', async ({ do: name, ...options }) => {
  try {
    process.send({ answer: await commands[name](options) });
  } catch (error) {
    process.send({ failure: error.stack });
  }
});
process.on('disconnect', () => process.exit());

async function connect({ url, pins, hosts: list }) {
  hosts = await Promise.all(
    list.map(async ({ host, token }) => {
      const uplink = new GatewayUplink({
        ...{ url, pins, token, instanceId: randomUUID(), agentVersion: 'bench', clock: Date.now },
        onNotice: ({ action, message }) => action !== 'uplink-connected' && console.error(`${host}: ${message}`),
      });
      uplink.onBlocks(() => {});
      const reader = new LineReader({ agentId: host, seed: [1, 2, 3], host, zone: 'UTC', clock: Date.now });
      return { host, uplink, reader, sequence: 0 };
    }),
  );
  return { connected: hosts.length };
}

/** As fast as the gateway takes them. All events are made before the first is sent. */
async function send({ events: wanted, mix }) {
  const writer = new LineWriter({ mix, seed: seed++ });
  const queues = hosts.map(() => []);
  const counted = { events: 0, failures: 0, addresses: new Set() };
  for (let n = 0; counted.events < wanted; n = (n + 1) % hosts.length) {
    for (const event of eventsOf(hosts[n], writer.next())) {
      queues[n].push(encodeEvent(event));
      counted.events++;
      if (event['event.outcome'] !== 'failure') continue;
      counted.failures++;
      counted.addresses.add(event['source.ip']);
    }
  }
  const sample = `${queues.flatMap((queue) => queue.slice(0, 20)).join('\n')}\n`;
  const sampleEvents = queues.reduce((sum, queue) => sum + Math.min(20, queue.length), 0);
  const startedMs = performance.now();
  await Promise.all(hosts.map((host, n) => sendQueue(host, queues[n])));
  return {
    ...{ events: counted.events, failures: counted.failures, addresses: counted.addresses.size },
    seconds: (performance.now() - startedMs) / 1_000,
    rawBytesPerEvent: Buffer.byteLength(sample) / sampleEvents,
    gzipBytesPerEvent: gzipSync(sample, { level: 1 }).length / sampleEvents,
  };
}

/** Up to four batches under way at a time. */
async function sendQueue(host, queue) {
  const lane = async () => {
    while (queue.length > 0) await upload(host, queue.splice(0, BATCH_EVENTS));
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

/**
 * A steady stream in which attackers come and go: each fails once on each of five hosts, then is done. What a tick
 * brings to a host goes at once, as a collector would send it.
 */
async function sendAtRate({ mix, perSecond, seconds, attackersPerSecond }) {
  const writer = new LineWriter({ mix, seed: seed++ });
  const startedMs = performance.now();
  const tries = attackTries(Math.floor(attackersPerSecond * (seconds - 1)), attackersPerSecond);
  const underWay = [];
  let [sent, attacks, lateMs] = [0, 0, 0];
  for (let tick = 0; tick * TICK_MS < seconds * 1_000; tick++) {
    const dueMs = startedMs + tick * TICK_MS;
    await delay(Math.max(0, dueMs - performance.now()));
    lateMs = Math.max(lateMs, performance.now() - dueMs);
    const batches = new Map();
    const add = (host, lines) => {
      const events = eventsOf(host, lines).map(encodeEvent);
      batches.set(host, [...(batches.get(host) ?? []), ...events]);
      sent += events.length;
    };
    while (sent < ((tick + 1) * TICK_MS * perSecond) / 1_000) add(hosts[serial++ % hosts.length], writer.next());
    for (; attacks < tries.length && tries[attacks].atMs <= tick * TICK_MS; attacks++) {
      const { host, address, account } = tries[attacks];
      add(hosts[host % hosts.length], writer.failure(address, account));
    }
    for (const [host, events] of batches) underWay.push(upload(host, events));
  }
  await Promise.all(underWay);
  return { events: sent, attackers: [...new Set(tries.map(({ address }) => address))], lateMs };
}

/** In the order of time. Documentation addresses (RFC 5737); an account for each, so that no other rule is quicker. */
function attackTries(attackers, perSecond) {
  const tries = [];
  for (let n = 0; n < Math.min(attackers, 508); n++) {
    const address = n < 254 ? `203.0.113.${n + 1}` : `198.51.100.${n - 253}`;
    for (let i = 0; i < TRIES; i++) {
      tries.push({ atMs: (n * 1_000) / perSecond + i * TRY_EVERY_MS, host: n + i, address, account: `victim${n}` });
    }
  }
  return tries.sort((a, b) => a.atMs - b.atMs);
}

/** What the collector makes of lines that a host writes now. */
function eventsOf({ host, reader }, lines) {
  const stamp = new Date().toISOString().replace('Z', '+00:00');
  return lines.flatMap((line) => {
    const text = `${stamp} ${host} ${line}`;
    const id = `0123456789abcdef-${(serial++).toString(36)}-89abcdef`;
    const raw = { text, truncated: false, id, stream: 'auth.log', history: false, readMs: Date.now() };
    return reader.read(raw) ?? [];
  });
}

function upload(host, events) {
  return host.uplink.send({ sequence: ++host.sequence, events });
}
