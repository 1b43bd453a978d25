import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialise } from '../../scripts/cluster/initialise.mjs';
import {
  whatIsMissing as elasticsearchMissing,
  type RunningElasticsearch,
  startElasticsearch,
} from '../../scripts/elasticsearch.mjs';
import {
  DEFAULT_VERSION,
  findJava,
  whatIsMissing as kafkaMissing,
  type RunningKafka,
  startKafka,
} from '../../scripts/kafka.mjs';
import { ROOT, readComposeFile } from './compose-file.js';

/** What this machine lacks to run the servers of docker-compose.yml by hand, in words, or undefined. */
export function whatIsMissing(): string | undefined {
  const lacks = ['bash', 'curl', 'openssl', 'mvn'].find((tool) => spawnSync(tool, ['--version']).error !== undefined);
  return kafkaMissing() ?? elasticsearchMissing() ?? lacks;
}

/**
 * The servers of docker-compose.yml without Docker: the same server.properties (other ports and directories), the same
 * set-up scripts, the secrets of a first start in a directory of their own.
 */
export class ServersByHand {
  /** Made by `start`, removed by `stop`. */
  readonly root = join(tmpdir(), `fleetwall-by-hand-${randomUUID()}`);
  kafka!: RunningKafka;
  elasticsearch!: RunningElasticsearch;
  /** The broker's listener without passwords. */
  localPort = 0;

  async start(): Promise<void> {
    // Elasticsearch runs as a user of its own, below this directory.
    mkdirSync(this.root);
    chmodSync(this.root, 0o711);
    await initialise(this.root);
    await this.#startKafka();
    this.elasticsearch = await startElasticsearch({
      directory: join(this.root, 'elasticsearch'),
      security: true,
      tls: true,
    });
    writeFileSync(this.secret('ca.pem'), this.elasticsearch.ca ?? '');
  }

  async stop(): Promise<void> {
    await this.kafka?.stop();
    await this.elasticsearch?.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  secret(name: string): string {
    return join(this.root, 'deploy/compose/secrets', name);
  }

  /** Runs what the container `kafka-setup` runs. */
  setUpKafka() {
    const bin = this.#kafkaTools();
    return this.#runScript('kafka', { KAFKA_BIN: bin, BOOTSTRAP: `127.0.0.1:${this.localPort}` });
  }

  /** Runs what the container `elasticsearch-setup` runs. */
  setUpElasticsearch() {
    const { url, username = '', password = '' } = this.elasticsearch;
    const access = { ELASTIC_USERNAME: username, ELASTIC_PASSWORD: password, CA_FILE: this.secret('ca.pem') };
    return this.#runScript('elasticsearch', { ELASTICSEARCH_URL: url, ...access });
  }

  /** The variables that docker-compose.yml gives a service, with this machine's places in them. */
  async environmentOf(service: string): Promise<Record<string, string>> {
    const { environment = {} } = readComposeFile().services[service] ?? {};
    const places: [string, string][] = [
      ['kafka:9092', `127.0.0.1:${this.kafka.port}`],
      ['https://elasticsearch:9200', this.elasticsearch.url],
      ['/run/secrets', join(this.root, 'deploy/compose/secrets')],
      ['0.0.0.0', '127.0.0.1'],
    ];
    const here = (value: string) => places.reduce((text, [there, place]) => text.replace(there, place), value);
    return {
      ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, here(value)])),
      FLEETWALL_HTTP_PORT: String(await freePort()),
      FLEETWALL_GATEWAY_PORT: '0',
      FLEETWALL_KAFKA_PARTITIONS: '4',
      FLEETWALL_HOME: join(this.root, 'homes', service),
    };
  }

  /** Answers the body; any status is fine. */
  async ask(user: string, method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const password = readFileSync(this.secret(`elasticsearch-${user}.password`), 'utf8');
    return this.#curl(`fleetwall-${user}:${password}`, method, path, body);
  }

  /** What is at a path, whoever may see it. */
  askAsSuperuser(path: string): string {
    const { username, password } = this.elasticsearch;
    const { status, text } = this.#curl(`${username}:${password}`, 'GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return text;
  }

  #curl(user: string, method: string, path: string, body?: string): { status: number; text: string } {
    const { url } = this.elasticsearch;
    const args = ['--silent', '--cacert', this.secret('ca.pem'), '--write-out', '\n%{http_code}', '--request', method];
    args.push('--user', user, '--header', 'content-type: application/x-ndjson');
    const { stdout } = spawnSync('curl', [...args, ...(body ? ['--data-binary', '@-'] : []), `${url}/${path}`], {
      input: body,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const end = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
  }

  async #startKafka(): Promise<void> {
    const [clients, local, controller] = [await freePort(), await freePort(), await freePort()];
    this.localPort = local;
    const directory = join(this.root, 'kafka');
    this.kafka = await startKafka({
      port: clients,
      directory,
      settings: {
        ...readProperties('deploy/compose/kafka/server.properties'),
        listeners: `CLIENTS://127.0.0.1:${clients},LOCAL://127.0.0.1:${local},CONTROLLER://127.0.0.1:${controller}`,
        'advertised.listeners': `CLIENTS://127.0.0.1:${clients},LOCAL://127.0.0.1:${local}`,
        'controller.quorum.voters': `1@127.0.0.1:${controller}`,
        'log.dirs': join(directory, 'logs'),
      },
    });
  }

  /** The two tools of Kafka's distribution that the set-up calls, made of its jars. */
  #kafkaTools(): string {
    const bin = join(this.root, 'bin');
    if (existsSync(bin)) return bin;
    mkdirSync(bin);
    const artifact = `-Dartifact=org.apache.kafka:kafka-tools:${DEFAULT_VERSION}`;
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
    const { status, stdout } = spawnSync('mvn', ['-q', '-B', copy, artifact, `-DoutputDirectory=${bin}`], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`Maven could not fetch Kafka's tools:\n${stdout}`);
    const cache =
      process.env['KAFKA_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fleetwall/kafka');
    const jars = `${join(cache, DEFAULT_VERSION)}/*:${bin}/*`;
    const tools = {
      'kafka-configs.sh': 'kafka.admin.ConfigCommand',
      'kafka-acls.sh': 'org.apache.kafka.tools.AclCommand',
    };
    for (const [name, main] of Object.entries(tools)) {
      const options = '-XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
      const script = `#!/bin/sh\nexec '${findJava()?.path}' $KAFKA_HEAP_OPTS ${options} -cp '${jars}' ${main} "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }
    return bin;
  }

  #runScript(name: string, env: Record<string, string>) {
    const script = join(ROOT, 'deploy/compose', name, 'setup.sh');
    const { status, stdout, stderr } = spawnSync('bash', [script], {
      env: { ...process.env, ...env, SECRETS: join(this.root, 'deploy/compose/secrets') },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }
}

function readProperties(path: string): Record<string, string> {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  const pairs = lines.filter((line) => /^[a-z]/.test(line)).map((line) => line.split(/=(.*)/s));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
