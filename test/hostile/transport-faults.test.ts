import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CollectorPipeline, FileTail, type GatewayUplink, LineReader, Spool } from '@fleetwall/collector';
import { encodeEvent, type FleetEvent, TOPICS } from '@fleetwall/core';
import { createEmbeddedBus } from '@fleetwall/embedded';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Chain, shipped } from './chain.js';
import { Site, T, until } from './gateway-site.js';

let site: Site;
const endings: (() => unknown)[] = [];
const afterSite: (() => void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  await site.close();
  for (const end of afterSite.splice(0)) end();
});

/** A network between collector and gateway that can be cut, under the nose of both. */
class Wire {
  readonly #pairs = new Set<Socket>();
  readonly #server: Server;
  isCut = false;

  constructor(private readonly target: () => number) {
    this.#server = createServer((client) => this.#join(client));
  }

  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `wss://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.#pairs) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket): void {
    if (this.isCut) {
      client.destroy();
      return;
    }
    const gateway = connect(this.target(), '127.0.0.1');
    for (const [one, other] of [
      [client, gateway],
      [gateway, client],
    ] as const) {
      this.#pairs.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#pairs.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}

const line = (n: number) =>
  `${new Date(T + n).toISOString()} web-01 sshd[${n}]: Failed password for root from 198.51.100.7 port ${1_024 + (n % 60_000)} ssh2\n`;

async function collect(uplink: GatewayUplink, log: string): Promise<CollectorPipeline> {
  const collector = new CollectorPipeline({
    agentId: 'agent-1',
    seed: [1, 2, 3],
    host: 'web-01',
    zone: 'UTC',
    inputs: [new FileTail({ paths: [log], maxLineBytes: 65_536 })],
    spool: await Spool.open({
      directory: join(site.directory, 'spool'),
      maxBytes: 1 << 30,
      maxAgeMs: 86_400_000,
      onReport: () => undefined,
    }),
    uplink,
    clock: Date.now,
    maxCpuShare: 1,
    onError: () => undefined,
  });
  await collector.start();
  return collector;
}

const isOf = (events: FleetEvent[]) => new Set(events.map((event) => event['event.id']));
/** Process ids tell the lines apart. */
const pidsOf = (events: FleetEvent[]) => new Set(events.map((event) => event['process.pid']));

describe('E06: a network that is cut, with events and a restart meanwhile', () => {
  it('brings every line, each with one id', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-faults-'));
    afterSite.push(() => rmSync(directory, { recursive: true, force: true }));
    const bus = await createEmbeddedBus({ directory, onReport: () => undefined, onError: () => undefined });
    site = await Site.open({ bus });
    const token = await site.enrol('agent-1', 'web-01');
    const wire = new Wire(() => site.server.port);
    endings.push(() => wire.close());
    const url = await wire.open();
    const log = join(site.directory, 'auth.log');
    writeFileSync(log, '');
    let uplink = site.uplink(token, { url });
    let collector = await collect(uplink, log);
    let lines = 0;
    const write = (count: number) => {
      appendFileSync(log, Array.from({ length: count }, () => line(lines++)).join(''));
    };
    write(500);
    await until('the first lines', async () => (await site.published()).length >= 500);
    for (let round = 0; round < 3; round++) {
      write(2_000);
      wire.cut();
      write(300);
      await until('the cut to be noticed', () => !uplink.status().connected);
      await collector.stop(50);
      await uplink.close();
      write(200);
      uplink = site.uplink(token, { url, instanceId: `instance ${round}` });
      collector = await collect(uplink, log);
      wire.isCut = false;
      await until('the connection', () => uplink.status().connected);
    }
    await until('every line', async () => pidsOf(await site.published()).size === lines, 60_000);
    const events = await site.published();
    expect(isOf(events).size).toBe(lines);
    expect(lines).toBe(8_000);
    await collector.stop();
  }, 120_000);
});

describe('E07: 50,000 lines at once and a slow gateway', () => {
  it('reading pauses, memory at the gateway is bounded, and no line is lost', async () => {
    const bus = createMemoryBus();
    const publish = bus.publish.bind(bus);
    let isAway = true;
    bus.publish = async (topic, records) => {
      while (isAway && topic === TOPICS.securityEvents) await new Promise((done) => setTimeout(done, 20));
      return publish(topic, records);
    };
    site = await Site.open({ bus, limits: { windowBatches: 4, bytesUnderWay: 1 << 20 } });
    endings.push(() => {
      isAway = false;
    });
    const uplink = site.uplink(await site.enrol('agent-1', 'web-01'));
    const log = join(site.directory, 'auth.log');
    writeFileSync(log, Array.from({ length: 50_000 }, (_, n) => line(n)).join(''));
    const collector = await collect(uplink, log);
    await until('the window to be full', () => site.server.stats.pausedForMemory > 0);
    let before = -1;
    await until('reading to pause', async () => {
      const isStill = collector.stats.lines === before && before > 0;
      before = collector.stats.lines;
      await new Promise((done) => setTimeout(done, 200));
      return isStill;
    });
    expect(collector.stats).toMatchObject({ sent: 0, sendFailures: 0 });
    expect(collector.stats.lines).toBeLessThan(20_000);
    expect(site.server.stats.bytesUnderWay).toBeLessThan(6 << 20);
    expect(uplink.status()).toMatchObject({ connected: true });
    isAway = false;
    await until('every line', () => collector.stats.sent === 50_000, 60_000);
    const events = await site.published();
    expect(events).toHaveLength(50_000);
    expect(isOf(events).size).toBe(50_000);
    expect(site.server.stats.bytesUnderWay).toBe(0);
    await collector.stop();
  }, 150_000);

  it('a bus that fails is tried again, and the collector is not bothered', async () => {
    const bus = createMemoryBus();
    const publish = bus.publish.bind(bus);
    let failures = 3;
    bus.publish = async (topic, records) => {
      if (topic === TOPICS.securityEvents && failures-- > 0) throw new Error('no leader');
      return publish(topic, records);
    };
    site = await Site.open({ bus });
    const uplink = site.uplink(await site.enrol('agent-1', 'web-01'));
    await uplink.send({ sequence: 1, events: [`{"@timestamp":"${new Date(T).toISOString()}","event.id":"x"}`] });
    expect(site.server.stats.failedPublishes).toBe(3);
    expect(uplink.stats).toMatchObject({ connects: 1, failures: 0 });
    expect(await site.published()).toHaveLength(1);
  });

  it('a gateway that stops acknowledges what it took; the collector goes on with the next one', async () => {
    site = await Site.open();
    const { port } = site.server;
    const uplink = site.uplink(await site.enrol('agent-1', 'web-01'));
    let sent = 0;
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const sending = (async () => {
      for (const n of numbers) {
        await uplink.send({ sequence: n, events: [`{"@timestamp":"${new Date(T).toISOString()}","event.id":"${n}"}`] });
        sent++;
      }
    })();
    await until('some to be sent', () => sent > 20);
    await site.stopGateway();
    expect(uplink.status().connected).toBe(false);
    await site.startGateway({}, port);
    await sending;
    const events = await site.published();
    expect(events).toHaveLength(200);
    expect(isOf(events).size).toBe(200);
  });
});

describe("C08: a collector's clock that is wrong", () => {
  const HOUR_MS = 3_600_000;
  const YEAR_MS = 365 * 24 * HOUR_MS;
  const failed = (atMs: number, pid: number, address: string) =>
    `${new Date(atMs).toISOString()} web sshd[${pid}]: Failed password for root from ${address} port 4022 ssh2`;

  it('is measured; both times are kept; the windows of the others are exact', async () => {
    site = await Site.open();
    const offsets = { right: 0, ahead: 3 * HOUR_MS, behind: -YEAR_MS };
    for (const [name, offsetMs] of Object.entries(offsets)) {
      const clock = () => T + offsetMs;
      const uplink = site.uplink(await site.enrol(name), { clock, instanceId: name });
      const reader = new LineReader({ agentId: name, seed: [1, 2, 3], host: name, zone: 'UTC', clock });
      const texts = [0, 1, 2, 3, 4].map((n) => failed(clock() + n * 1_000, n, `203.0.113.${name.length}`));
      // One more against the window of a bystander, whom the host with the right clock saw four times.
      const bystander = name === 'right' ? [0, 1, 2, 3] : [0];
      texts.push(...bystander.map((n) => failed(clock() - HOUR_MS + n, 10 + n, '198.51.100.99')));
      const lines = texts.flatMap((text, n) => {
        const id = `${name}-${n}`;
        return reader.read({ text, truncated: false, id, stream: name, history: false, readMs: clock() }) ?? [];
      });
      await uplink.send({ sequence: 1, events: lines.map(encodeEvent) });
      expect(Math.abs((uplink.status().clockOffsetMs ?? Number.NaN) - offsetMs)).toBeLessThan(1_000);
    }
    expect(Object.fromEntries(site.server.connections().map((one) => [one.agentId, one.clockOffsetMs]))).toEqual(
      offsets,
    );
    const events = await site.published();
    expect(new Set(events.map((event) => event['event.ingested']))).toEqual(new Set([T]));
    const times = (name: string) =>
      events.filter((event) => event['agent.id'] === name).map((event) => event['@timestamp']);
    expect(times('ahead')[0]).toBe(T + 3 * HOUR_MS);
    expect(times('behind')[0]).toBe(T - YEAR_MS);
    const chain = new Chain(await shipped(), T);
    for (const event of events) chain.event(event);
    const fast = chain.alerts.filter(({ rule }) => rule === 'fast-brute-force');
    expect(fast.find(({ key }) => key['source.ip'] === '203.0.113.5')).toMatchObject({
      count: 5,
      firstMs: T,
      lastMs: T + 4_000,
    });
    expect(fast.filter(({ key }) => key['source.ip'] === '198.51.100.99')).toEqual([]);
  });
});
