// A fleet for tests and benches: hosts in network namespaces on one bridge, each with a real sshd, its log daemon, and a
// collector with nftables; an attacker beside them; and a cluster behind a gateway. Root only. The machine's own network
// gets one interface with a documentation address, which goes with the fleet.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCluster, until, whatIsMissing } from '../../scripts/local-cluster.mjs';
import { attack, ended, missing as hostMissing, stampMs, startSshd } from '../bench/real-host.mjs';

/** Where the gateway listens, as the hosts see it. */
const CENTRE = '203.0.113.1';

/** Why this machine cannot run it, or undefined. */
export function missing() {
  if (process.env.FLEETWALL_TEST_REAL !== '1') return 'needs FLEETWALL_TEST_REAL=1';
  return hostMissing() ?? whatIsMissing();
}

/** One server of the fleet. */
class Host {
  constructor(fleet, number) {
    this.name = `web-${number}`;
    this.address = `203.0.113.${10 + number}`;
    this.netns = `${fleet.prefix}h${number}`;
    this.directory = join(fleet.directory, this.name);
    this.log = join(this.directory, 'auth.log');
    this.fleet = fleet;
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(this.log, '');
  }

  async startSshd() {
    await startSshd(this.directory, this.log, this.netns, (netns, command, args, options) =>
      this.fleet.spawned(netns, command, args, options),
    );
  }

  /** With a credential; reads sshd's log, enforces with nftables of the namespace. */
  async startCollector() {
    this.collector ??= this.fleet.cluster.collector({
      host: this.name,
      gatewayHost: CENTRE,
      prefix: ['ip', 'netns', 'exec', this.netns],
      env: { FLEETWALL_COLLECTOR_FILES: this.log, FLEETWALL_FIREWALL: 'nftables' },
    });
    await this.collector.start();
  }

  nft(...args) {
    return execFileSync('ip', ['netns', 'exec', this.netns, 'nft', ...args], { encoding: 'utf8' });
  }

  /** Whether its own kernel holds the address in a set of Fleetwall's. */
  holds(address) {
    return this.nft('list', 'ruleset').includes(`${address} `);
  }

  /** Milliseconds since 1970 of the n-th failed password of the address here, by the log daemon's own stamp. */
  failedAt(address, n = 1) {
    const lines = readFileSync(this.log, 'utf8').split('\n');
    const line = lines.filter((text) => text.includes(`Failed password for root from ${address} `))[n - 1];
    return line === undefined ? undefined : stampMs(line);
  }

  /** When each attacker's address appeared in a set of this kernel, as `nft monitor` tells. */
  watchElements() {
    const seen = new Map();
    const monitor = this.fleet.spawned(this.netns, 'nft', ['monitor', 'new', 'elements']);
    monitor.stdout.setEncoding('utf8').on('data', (text) => {
      const atMs = performance.timeOrigin + performance.now();
      for (const [address] of text.matchAll(/198\.51\.100\.\d+/g)) if (!seen.has(address)) seen.set(address, atMs);
    });
    return seen;
  }
}

export class RealFleet {
  #children = [];
  #namespaces = [];

  /** @param {{ hosts: number, attackers: string[], cluster?: object }} options addresses in 198.51.100.0/24 */
  static async start(options) {
    const fleet = new RealFleet();
    try {
      await fleet.#start(options);
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  async #start({ hosts, attackers, cluster = {} }) {
    this.prefix = `fwf${process.pid.toString(36)}`;
    this.directory = mkdtempSync(join(tmpdir(), 'fleetwall-fleet-'));
    this.hosts = Array.from({ length: hosts }, (_, i) => new Host(this, i + 1));
    this.client = `${this.prefix}a`;
    this.#wire(attackers);
    this.cluster = await LocalCluster.start(cluster);
    await this.cluster.startServices(cluster.services);
    for (const host of this.hosts) await host.startSshd();
    for (const host of this.hosts) await host.startCollector();
    await until('all collectors connected', () => this.#areConnected(), 30_000).catch((error) => {
      throw new Error(`${error.message}\n${this.hosts.map(({ collector }) => collector.output).join('\n')}`);
    });
    for (const host of this.hosts) await host.collector.control('POST', 'arm', { by: 'test' });
  }

  async #areConnected() {
    const statuses = await Promise.all(this.hosts.map((host) => host.collector.control('GET', 'status')));
    return statuses.every(({ uplink }) => uplink.connected);
  }

  /** A bridge in a namespace of its own; a cable from it to every host, to the attacker and to this machine. */
  #wire(attackers) {
    const fabric = `${this.prefix}f`;
    this.#namespace(fabric);
    ip('-n', fabric, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', fabric, 'link', 'set', 'br0', 'up');
    const plug = (netns, number) => {
      const name = `${this.prefix}${number}`;
      const where = netns === undefined ? [] : ['netns', netns];
      ip('link', 'add', name, ...where, 'type', 'veth', 'peer', 'name', `p${number}`, 'netns', fabric);
      ip('-n', fabric, 'link', 'set', `p${number}`, 'master', 'br0', 'up');
      return name;
    };
    const inside = (netns) => (netns === undefined ? [] : ['-n', netns]);
    const address = (netns, device, ...addresses) => {
      for (const one of addresses) ip(...inside(netns), 'addr', 'add', one, 'dev', device);
      ip(...inside(netns), 'link', 'set', device, 'up');
    };
    for (const [i, host] of this.hosts.entries()) {
      this.#namespace(host.netns);
      const device = plug(host.netns, i + 1);
      address(host.netns, device, `${host.address}/24`);
      ip('-n', host.netns, 'route', 'add', '198.51.100.0/24', 'dev', device);
    }
    this.#namespace(this.client);
    const device = plug(this.client, 0);
    address(this.client, device, '203.0.113.9/24', ...attackers.map((attacker) => `${attacker}/32`));
    this.own = plug(undefined, 99);
    address(undefined, this.own, `${CENTRE}/24`);
  }

  #namespace(name) {
    ip('netns', 'add', name);
    this.#namespaces.push(name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }

  spawned(netns, command, args, options = {}) {
    const child = spawn('ip', ['netns', 'exec', netns, command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    this.#children.push(child);
    return child;
  }

  /** One failed password on a host, by a real client. Resolves with the stamp of the line. */
  async fail(address, host) {
    const before = host.failedAt(address, 1) === undefined ? 1 : 2;
    const client = attack(this.#asReal(host), address, 1, host.address);
    const failedMs = await until(`a failed password from ${address} on ${host.name}`, () =>
      host.failedAt(address, before),
    );
    await ended(client);
    return failedMs;
  }

  /** What `attack` needs of a host. */
  #asReal(host) {
    return { directory: host.directory, client: this.client, spawned: (...args) => this.spawned(...args) };
  }

  /** Whether a first packet of the address to the host's SSH port is answered. */
  comesThrough(address, host, withinMs = 700) {
    const dial = `const s=require('net').connect({host:'${host.address}',port:22,localAddress:'${address}',timeout:${withinMs}});s.on('connect',()=>process.exit(0));s.on('timeout',()=>process.exit(7));s.on('error',()=>process.exit(8))`;
    try {
      execFileSync('ip', ['netns', 'exec', this.client, process.execPath, '-e', dial], { stdio: 'ignore' });
      return true;
    } catch (error) {
      if (error.status === 7) return false;
      throw error;
    }
  }

  async stop() {
    await this.cluster?.stop();
    for (const child of this.#children.reverse()) await ended(child);
    for (const name of this.#namespaces) {
      try {
        ip('netns', 'del', name);
      } catch {}
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
