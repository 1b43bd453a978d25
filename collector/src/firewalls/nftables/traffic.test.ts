import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Firewall } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openFirewall } from '../index.js';
import { enterNewNetworkNamespace } from './network-namespace.js';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const PORT = 4022;
const DEADLINE_MS = 20_000;
/** After this long without a byte, of which fifty a second are sent, nothing comes through. */
const SILENCE_MS = 600;

const SERVER = ['198.51.100.1/24', '2001:db8:1::1/48'];
const CLIENT = ['198.51.100.7/24', '198.51.100.8/24', '198.51.100.9/24', '198.51.100.200/24'];
CLIENT.push('2001:db8:1:2::7/48', '2001:db8:1:2:8000::8/48', '2001:db8:1:3::7/48');

/** Besides {@link PORT}: ssh, mail, the web's; the last one for UDP as well. */
const SERVICE_PORTS = [22, 25, 80, 8443, 443];

/**
 * Runs in the other namespace: for each line `id from to port protocol` a connection that sends all the time and tells what
 * it hears.
 */
const CLIENT_PROGRAM = `
const net = require('node:net');
const dgram = require('node:dgram');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [id, from, to, port, protocol] = line.split(' ');
  if (protocol === 'udp') {
    const socket = dgram.createSocket(from.includes(':') ? 'udp6' : 'udp4').bind(0, from);
    socket.on('message', () => console.log(id));
    setInterval(() => socket.send('x', Number(port), to), 20);
    return;
  }
  const socket = net.connect({ host: to, port: Number(port), localAddress: from });
  socket.once('connect', () => setInterval(() => socket.write('x'), 20));
  socket.on('data', () => console.log(id));
});
console.log('ready');
`;

(isRoot ? describe : describe.skip)('nftables with real traffic between two namespaces (needs root on Linux)', () => {
  let leave: () => void;
  let servers: Server[];
  let quic: UdpSocket;
  let client: ChildProcess;
  let firewall: Firewall;
  let connections = 0;
  const sockets: Socket[] = [];
  /** When each connection last heard its echo. */
  const heardMs = new Map<string, number>();

  beforeAll(async () => {
    leave = enterNewNetworkNamespace();
    servers = [PORT, ...SERVICE_PORTS].map((port) =>
      createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => {}).pipe(socket);
      }).listen(port, '::'),
    );
    quic = createSocket('udp6').bind(443, '::');
    quic.on('message', (message, { port, address }) => quic.send(message, port, address));
    client = spawn('unshare', ['--net', process.execPath, '-e', CLIENT_PROGRAM], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: client.stdout as NodeJS.ReadableStream });
    lines.on('line', (id) => heardMs.set(id, Date.now()));
    await once(lines, 'line');
    const ip = (...args: string[]) => execFileSync('ip', args);
    const there = (...args: string[]) => execFileSync('nsenter', ['--target', `${client.pid}`, '--net', 'ip', ...args]);
    ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there', 'netns', `${client.pid}`);
    for (const address of SERVER) ip('address', 'add', address, 'dev', 'here', ...nodad(address));
    for (const address of CLIENT) there('address', 'add', address, 'dev', 'there', ...nodad(address));
    ip('link', 'set', 'here', 'up');
    there('link', 'set', 'there', 'up');
    // What most hosts have, and what makes a block in an input chain come too late for a connection that stands.
    execFileSync('nft', ['-f', '-'], {
      input: 'table inet host { chain input { type filter hook input priority -100; ct state established accept; }\n}',
    });
  });
  afterAll(async () => {
    client.kill('SIGKILL');
    await once(client, 'exit');
    for (const server of servers) server.close();
    quic.close();
    for (const socket of sockets) socket.destroy();
    leave();
  });
  beforeEach(async () => {
    firewall = await openFirewall('nftables');
  });
  afterEach(async () => {
    await firewall.remove();
    await firewall.close();
  });

  const nodad = (address: string) => (address.includes(':') ? ['nodad'] : []);
  const connect = (from: string, port = PORT, protocol = 'tcp') => {
    const id = `${++connections}`;
    const to = from.includes(':') ? '2001:db8:1::1' : '198.51.100.1';
    client.stdin?.write(`${id} ${from} ${to} ${port} ${protocol}\n`);
    return id;
  };
  const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
    for (const deadlineMs = Date.now() + DEADLINE_MS; !(await holds()); await setTimeout(20)) {
      if (Date.now() > deadlineMs) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    }
  };
  const comesThrough = async (...ids: string[]) => {
    const sinceMs = Date.now();
    for (const id of ids) await until(`${id} comes through`, () => (heardMs.get(id) ?? 0) > sinceMs);
  };
  const isSilent = (id: string) => {
    const sinceMs = Date.now();
    return until(`${id} is cut`, () => Date.now() - Math.max(sinceMs, heardMs.get(id) ?? 0) > SILENCE_MS);
  };
  const dropped = async () => (await firewall.verify()).droppedPackets;
  const block = (target: string, forMs = 600_000) => ({ id: target, target, untilMs: Date.now() + forMs });

  it('cuts what stands, lets nothing new in, counts what it drops, and lets back in when the time is over', async () => {
    const standing = connect('198.51.100.7');
    const other = connect('198.51.100.8');
    await comesThrough(standing, other);
    const untilMs = Date.now() + 3000;
    await firewall.apply([{ id: 'block', target: '198.51.100.7', untilMs }], []);
    const fresh = connect('198.51.100.7');
    await isSilent(standing);
    await comesThrough(other);
    expect(heardMs.has(fresh)).toBe(false);
    const { droppedPackets, droppedBytes } = await firewall.verify();
    expect(droppedPackets).toBeGreaterThan(0);
    expect(droppedBytes).toBeGreaterThanOrEqual(droppedPackets * 20);
    await comesThrough(standing, fresh);
    expect(Date.now()).toBeGreaterThan(untilMs - 100);
  }, 60_000);

  it.each([
    ['198.51.100.7', '198.51.100.7', '198.51.100.8'],
    ['198.51.100.7', '198.51.100.0/28', '198.51.100.200'],
    ['2001:db8:1:2::7', '2001:db8:1:2::/64', '2001:db8:1:3::7'],
  ])(
    "closes the web's ports to %s by %s, TCP and UDP, and no other until it widens",
    async (inside, target, outside) => {
      const web = [connect(inside, 443), connect(inside, 80), connect(inside, 8443), connect(inside, 443, 'udp')];
      const rest = [connect(inside, 22), connect(inside, 25), connect(inside)];
      const others = [connect(outside, 443), connect(outside, 443, 'udp')];
      await comesThrough(...web, ...rest, ...others);
      await firewall.apply([{ ...block(target), ports: 'web' }], []);
      for (const id of web) await isSilent(id);
      const fresh = [connect(inside, 22), connect(inside, 443)] as const;
      await comesThrough(...rest, ...others, fresh[0]);
      expect(heardMs.has(fresh[1])).toBe(false);
      const before = await dropped();
      expect(before).toBeGreaterThan(0);
      await firewall.apply([block(target)], [{ target, ports: 'web' }]);
      for (const id of [...web, ...rest]) await isSilent(id);
      await comesThrough(...others);
      expect(await dropped()).toBeGreaterThan(before);
      await firewall.apply([{ ...block(target, 2_000), ports: 'web' }], [target]);
      await comesThrough(...rest);
      await comesThrough(...web, ...fresh);
    },
    90_000,
  );

  it('blocks a /64 of IPv6 and no other', async () => {
    const inside = [connect('2001:db8:1:2::7'), connect('2001:db8:1:2:8000::8')];
    const outside = connect('2001:db8:1:3::7');
    await comesThrough(...inside, outside);
    await firewall.apply([block('2001:db8:1:2::/64')], []);
    for (const id of inside) await isSilent(id);
    await comesThrough(outside);
    expect(await dropped()).toBeGreaterThan(0);
    await firewall.apply([], ['2001:db8:1:2::/64']);
    await comesThrough(...inside);
  }, 60_000);

  it('blocks many addresses at once, and keeps a block inside a network that is lifted', async () => {
    const [first, second, third] = ['198.51.100.7', '198.51.100.8', '198.51.100.9'].map((from) => connect(from)) as [
      string,
      string,
      string,
    ];
    const outside = connect('198.51.100.200');
    await comesThrough(first, second, third, outside);
    await firewall.apply(
      ['198.51.100.7', '198.51.100.8', '198.51.100.9'].map((target) => block(target)),
      [],
    );
    for (const id of [first, second, third]) await isSilent(id);
    await comesThrough(outside);
    await firewall.apply([block('198.51.100.0/28')], ['198.51.100.7', '198.51.100.9']);
    for (const id of [first, second, third]) await isSilent(id);
    await firewall.apply([], ['198.51.100.0/28']);
    await comesThrough(first, third, outside);
    await isSilent(second);
  }, 60_000);

  it('brings back what someone flushed', async () => {
    const id = connect('198.51.100.7');
    await comesThrough(id);
    await firewall.apply([block('198.51.100.7')], []);
    await isSilent(id);
    execFileSync('nft', ['delete', 'table', 'inet', 'fleetwall']);
    await comesThrough(id);
    expect((await firewall.verify()).problems).toEqual(['table inet fleetwall is missing']);
    await firewall.apply([], []);
    await isSilent(id);
  }, 60_000);
});
