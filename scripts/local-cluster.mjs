// A whole cluster on this machine: real Kafka, real Elasticsearch, and the services as processes of their own. For the demo,
// tests and benches. Needs what scripts/kafka.mjs and scripts/elasticsearch.mjs need; nothing listens beyond this machine.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whatIsMissing as elasticsearchMissing, startElasticsearch } from './elasticsearch.mjs';
import { whatIsMissing as kafkaMissing, startKafka } from './kafka.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 30_000;

/** Why this machine cannot run a cluster, in words, or undefined. */
export function whatIsMissing() {
  return kafkaMissing() ?? elasticsearchMissing();
}

/** None of them outlives this process. */
const children = new Set();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** One process of the product: a service or a collector. */
export class ServiceProcess {
  #child;
  #ended = Promise.resolve();
  #output = '';

  /** @param {{ name: string, command: string[], env: Record<string, string> }} options */
  constructor({ name, command, env }) {
    Object.assign(this, { name, command, env, home: env.FLEETWALL_HOME });
    /** What the process said of itself when it had started: its ports, its pin. */
    this.told = {};
  }

  get pid() {
    return this.#child?.pid;
  }

  get output() {
    return this.#output;
  }

  /** Starts it; resolves when it is ready. */
  async start(withinMs = READY_WITHIN_MS) {
    this.spawn();
    await this.untilReady(withinMs);
    return this;
  }

  spawn() {
    this.told = {};
    mkdirSync(this.home, { recursive: true });
    const inherited = Object.entries(process.env).filter(([key]) => !/^(FLEETWALL_|NODE_OPTIONS)/.test(key));
    const [file, ...args] = this.command;
    const env = { ...Object.fromEntries(inherited), ...this.env };
    const child = spawn(file, args, { env, cwd: this.home, stdio: ['ignore', 'ignore', 'pipe'] });
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#output = (this.#output + text).slice(-50_000);
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#read(line);
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    children.add(child);
    child.once('close', () => children.delete(child));
  }

  async untilReady(withinMs = READY_WITHIN_MS) {
    const look = () => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`${this.name} ended`);
      return this.told.started;
    };
    await until(`${this.name} to be ready`, look, withinMs).catch((error) => {
      throw new Error(`${error.message}\n${this.#output}`);
    });
  }

  /** At once, and nobody is asked. */
  async kill() {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  pause() {
    this.#child?.kill('SIGSTOP');
  }

  resume() {
    this.#child?.kill('SIGCONT');
  }

  /** SIGTERM: it drains. Resolves with the exit code. */
  async stop() {
    if (!this.#child) return undefined;
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
    const code = await this.#ended;
    clearTimeout(late);
    return code;
  }

  /** Asks over its control socket. */
  async control(method, path, body) {
    const { code, text } = await ask(
      { socketPath: join(this.home, 'control.sock'), method, path: `/control/v1/${path}` },
      body,
    );
    if (code !== 200) throw new Error(`${this.name} answers ${method} ${path} with ${code}: ${text}`);
    return JSON.parse(text);
  }

  /** `{ code, text }` of a path of its HTTP port; only where it listens in this network namespace. */
  get(path) {
    return ask({ host: '127.0.0.1', port: this.told.started.port, path, method: 'GET' });
  }

  /** Metrics by name with labels. */
  async metrics() {
    const { text } = await this.get('/metrics');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  }

  /** User and system time so far, seconds (Linux: proc(5), 100 ticks a second). */
  cpuSeconds() {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** Resident memory in MB: `VmRSS` now, `VmHWM` at its highest (Linux). */
  memoryMb(which = 'VmHWM') {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  }

  #read(line) {
    if (!line.startsWith('{')) return;
    try {
      const entry = JSON.parse(line);
      if (entry.msg === 'started') this.told.started = entry;
      if (entry.msg === 'collectors may connect') this.told.gateway = entry;
    } catch {}
  }
}

/** Kafka, Elasticsearch and whatever services are started on them. */
export class LocalCluster {
  #processes = [];
  #env;

  /**
   * @param {{ directory?: string, partitions?: number, env?: Record<string, string>, elasticsearch?: object,
   *   onProgress?: (text: string) => void }} options `env` goes to every service
   */
  static async start(options = {}) {
    const cluster = new LocalCluster(options);
    try {
      await cluster.#startServers(options);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  constructor({ directory, partitions = 4, env = {} }) {
    this.isTemporary = directory === undefined;
    this.directory = directory ?? mkdtempSync(join(tmpdir(), 'fleetwall-cluster-'));
    // Elasticsearch runs as another user, when this one is root, and has its data below.
    chmodSync(this.directory, 0o711);
    this.credentialsFile = join(this.directory, 'credentials.yml');
    /** All gateways mask names of accounts under it. */
    this.nameKey = randomBytes(32);
    this.nameKeyFile = this.#write('name-key', `${this.nameKey.toString('hex')}\n`);
    this.#env = { FLEETWALL_KAFKA_PARTITIONS: String(partitions), ...env };
  }

  async #startServers({ elasticsearch = {}, onProgress = () => {} }) {
    onProgress('Starting Kafka and Elasticsearch …');
    const kafka = startKafka({ directory: join(this.directory, 'kafka') });
    const search = startElasticsearch({ directory: join(this.directory, 'elasticsearch'), ...elasticsearch });
    const [kafkaStart, searchStart] = await Promise.allSettled([kafka, search]);
    this.kafka = kafkaStart.value;
    this.elasticsearch = searchStart.value;
    for (const { reason } of [kafkaStart, searchStart]) if (reason) throw reason;
  }

  /** Options of every service, as variables. */
  serviceEnv() {
    const { username, password, ca, url } = this.elasticsearch;
    return {
      FLEETWALL_KAFKA_BROKERS: `127.0.0.1:${this.kafka.port}`,
      FLEETWALL_ELASTICSEARCH_NODES: url,
      FLEETWALL_ELASTICSEARCH_REPLICAS: '0',
      ...(username ? { FLEETWALL_ELASTICSEARCH_USERNAME: username, FLEETWALL_ELASTICSEARCH_PASSWORD: password } : {}),
      ...(ca ? { FLEETWALL_ELASTICSEARCH_CA_FILE: this.#write('ca.pem', ca) } : {}),
      FLEETWALL_HTTP_PORT: '0',
      FLEETWALL_LOG_LEVEL: 'info',
      ...this.#env,
    };
  }

  /** A service that is not started yet: `gateway`, `correlation`, `response`, `indexer`, `console`. */
  service(name, env = {}) {
    const number = this.#processes.filter((one) => one.name.startsWith(`${name}-`)).length + 1;
    const own =
      name === 'gateway'
        ? {
            FLEETWALL_GATEWAY_PORT: '0',
            FLEETWALL_GATEWAY_CREDENTIALS_FILE: this.credentialsFile,
            FLEETWALL_PRIVACY_KEY_FILE: this.nameKeyFile,
          }
        : {};
    return this.#add(`${name}-${number}`, [process.execPath, join(ROOT, `services/${name}/dist/main.js`)], {
      ...this.serviceEnv(),
      ...own,
      ...env,
    });
  }

  /** Starts one of each, or as many as are named; resolves when all are ready. */
  async startServices(counts = { gateway: 1, correlation: 1, response: 1, indexer: 1 }) {
    const services = Object.entries(counts).flatMap(([name, count]) =>
      Array.from({ length: count }, () => this.service(name)),
    );
    await Promise.all(services.map((service) => service.start()));
    return services;
  }

  /** Those of a kind that were made, in order. */
  of(name) {
    return this.#processes.filter((one) => one.name.startsWith(`${name}-`));
  }

  /**
   * A collector that is not started yet, with a credential of its own.
   *
   * @param {{ host: string, gatewayHost?: string, gateway?: ServiceProcess, tenant?: string, prefix?: string[],
   *   env?: Record<string, string> }} options `prefix`: a command that runs it elsewhere (`ip netns exec …`)
   */
  collector({
    host,
    gatewayHost = '127.0.0.1',
    gateway = this.of('gateway')[0],
    tenant = 'default',
    prefix = [],
    env = {},
  }) {
    const { port, pin } = gateway.told.gateway;
    return this.#add(`collector-${host}`, [...prefix, process.execPath, join(ROOT, 'collector/dist/main.js')], {
      FLEETWALL_COLLECTOR_HOST: host,
      FLEETWALL_COLLECTOR_UPLINK_URL: `wss://${gatewayHost}:${port}`,
      FLEETWALL_COLLECTOR_UPLINK_TOKEN: this.credential({ agent: host, host, tenant }),
      FLEETWALL_COLLECTOR_UPLINK_PINS: pin,
      FLEETWALL_COLLECTOR_JOURNALD: 'false',
      FLEETWALL_FIREWALL: 'dry-run',
      FLEETWALL_HTTP_PORT: '0',
      ...env,
    });
  }

  /** A token for a collector; gateways know it within seconds. */
  credential({ agent, host, tenant }) {
    const token = `fw1_${randomBytes(32).toString('base64url')}`;
    const tokenSha256 = createHash('sha256').update(token).digest('hex');
    appendFileSync(this.credentialsFile, `- ${JSON.stringify({ agent, host, tenant, tokenSha256 })}\n`, {
      mode: 0o600,
    });
    return token;
  }

  /** What the response service answers; whichever instance is active. */
  async control(method, path, body) {
    let failure;
    for (const response of this.of('response')) {
      try {
        return await response.control(method, path, body);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** The body of a search of Elasticsearch's own API. */
  async search(path, body) {
    const { url, username, password } = this.elasticsearch;
    const headers = { 'content-type': 'application/json' };
    if (username) headers.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(`${url}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers,
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`Elasticsearch answers ${path} with ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  async restartKafka() {
    const { port } = this.kafka;
    await this.kafka.stop();
    this.kafka = await startKafka({ directory: join(this.directory, 'kafka'), port });
  }

  /** Ends every process and removes what is temporary. */
  async stop() {
    for (const process of this.#processes) process.resume();
    await Promise.all(this.#processes.map((process) => process.stop()));
    await Promise.all([this.kafka?.stop(), this.elasticsearch?.stop()]);
    if (this.isTemporary) rmSync(this.directory, { recursive: true, force: true });
  }

  #add(name, command, env) {
    if (!existsSync(command.at(-1)))
      throw new Error(`${command.at(-1)} is missing: run \`node scripts/build.mjs\` first`);
    const made = new ServiceProcess({ name, command, env: { FLEETWALL_HOME: join(this.directory, name), ...env } });
    this.#processes.push(made);
    return made;
  }

  #write(name, text) {
    const path = join(this.directory, name);
    rmSync(path, { force: true });
    appendFileSync(path, text);
    return path;
  }
}

/** Polls until `look` answers something truthy, and answers that. */
export async function until(what, look, withinMs = 30_000) {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > endMs) throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function ask(where, body) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } : {};
    const call = request({ ...where, headers, timeout: 15_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data) => (text += data));
      response.on('end', () => resolve({ code: response.statusCode, text }));
    });
    call.on('timeout', () => call.destroy(new Error('no answer within 15 s')));
    call.on('error', reject);
    call.end(payload);
  });
}
