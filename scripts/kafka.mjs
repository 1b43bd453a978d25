// A real Apache Kafka broker for tests and local work: one KRaft node on loopback, without Docker or bash.
//
//   node scripts/kafka.mjs start [--port 9092] [--directory DIR] [--version 4.3.1]   prints {"port","pid","version"}
//   node scripts/kafka.mjs stop  [--directory DIR]
//
// Needs Java 17 or newer, and Maven the first time: the jars come from Maven Central into a cache of about 140 MB.
// Environment: KAFKA_VERSION, KAFKA_CACHE (default $XDG_CACHE_HOME/fleetwall/kafka), KAFKA_HEAP (512m), JAVA_HOME.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort, killGroup, stopProcess, untilReady } from './server-process.mjs';

export const DEFAULT_VERSION = process.env.KAFKA_VERSION ?? '4.3.1';
const OLDEST_JAVA = 17;
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/** The first Java of at least 17 among JAVA_HOME and PATH: `{ path, major }`, or undefined. */
export function findJava() {
  const candidates = [process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin', 'java'), 'java'].filter(Boolean);
  for (const path of candidates) {
    const { stderr } = spawnSync(path, ['-version'], { encoding: 'utf8' });
    const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1]);
    if (major >= OLDEST_JAVA) return { path, major };
  }
  return undefined;
}

/** What this machine lacks to run the broker, in words, or undefined: for tests that are skipped by name. */
export function whatIsMissing(version = DEFAULT_VERSION) {
  if (!findJava()) return `Java ${OLDEST_JAVA} or newer (on PATH or in JAVA_HOME)`;
  if (existsSync(jarsOf(version))) return undefined;
  return spawnSync('mvn', ['-v']).status === 0 ? undefined : 'Maven (mvn), which fetches the jars of Kafka';
}

/**
 * Starts a broker and waits until it answers. Its data stays in `directory`, to be started again with; without one it
 * lives in a temporary directory that `stop` removes. Unless `outlive`, the broker ends with this process.
 */
export async function startKafka({ version = DEFAULT_VERSION, port, directory, settings = {}, outlive = false } = {}) {
  const missing = whatIsMissing(version);
  if (missing) throw new Error(`Kafka cannot start: this machine lacks ${missing}.`);
  const jars = fetchJars(version);
  const home = directory ?? mkdtempSync(join(tmpdir(), 'fleetwall-kafka-'));
  mkdirSync(home, { recursive: true });
  const brokerPort = port ?? (await freePort());
  const properties = writeProperties(home, brokerPort, await freePort(), settings);
  format(jars, home, properties);
  const child = run(jars, home, properties, outlive);
  const endWithUs = () => killGroup(child.pid, 'SIGKILL');
  if (!outlive) process.once('exit', endWithUs);
  const stop = async () => {
    await stopProcess(child.pid, STOP_TIMEOUT_MS);
    process.removeListener('exit', endWithUs);
    if (!directory) rmSync(home, { recursive: true, force: true });
  };
  try {
    const answers = () => answersApiVersions(brokerPort);
    await untilReady({ name: 'Kafka', child, log: join(home, 'kafka.log'), answers, timeoutMs: READY_TIMEOUT_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  writeFileSync(join(home, 'kafka.pid'), String(child.pid));
  return { port: brokerPort, pid: child.pid, version, directory: home, stop };
}

export function jarsOf(version) {
  const cache =
    process.env.KAFKA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fleetwall/kafka');
  return join(cache, version);
}

/** Fills the cache, whole or not at all: several test processes may do so at once. */
function fetchJars(version) {
  const jars = jarsOf(version);
  if (existsSync(jars)) return jars;
  mkdirSync(join(jars, '..'), { recursive: true });
  const work = mkdtempSync(`${jars}.fetching-`);
  try {
    writeFileSync(join(work, 'pom.xml'), pom(version));
    const { status, stdout, stderr } = spawnSync(
      'mvn',
      ['-q', '-B', COPY_DEPENDENCIES, '-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'jars')}`],
      { cwd: work, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`Maven could not fetch Kafka ${version}:\n${stdout}${stderr}`);
    if (!existsSync(jars)) renameSync(join(work, 'jars'), jars);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return jars;
}

/** Kafka leaves the logging back end to its distribution; slf4j-simple of the same API is enough for one broker. */
function pom(version) {
  const dependency = (group, artifact, v) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${v}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>fleetwall</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', version)}
${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}</dependencies></project>`;
}

function writeProperties(home, port, controllerPort, settings) {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(home, 'logs'),
    'num.network.threads': 2,
    'num.io.threads': 4,
    'auto.create.topics.enable': false,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...settings,
  };
  const file = join(home, 'server.properties');
  writeFileSync(
    file,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return file;
}

function format(jars, home, properties) {
  if (existsSync(join(home, 'logs', 'meta.properties'))) return;
  // A cluster id is 16 bytes in base64url; one that begins with a dash would be read as an option.
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const args = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), 'kafka.tools.StorageTool', 'format'];
  const { status, stdout, stderr } = spawnSync(findJava().path, [...args, '-t', id, '-c', properties], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Kafka's storage could not be formatted:\n${stdout}${stderr}`);
}

function run(jars, home, properties, outlive) {
  const log = openSync(join(home, 'kafka.log'), 'a');
  const java = [
    findJava().path,
    '-Xms128m',
    `-Xmx${process.env.KAFKA_HEAP ?? '512m'}`,
    '-XX:+UseSerialGC',
    '-Djava.awt.headless=true',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    join(jars, '*'),
    'kafka.Kafka',
    properties,
  ];
  // An exit handler does not run when this process is killed; the kernel's parent-death signal does not need one.
  const bound = !outlive && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;
  const [command, ...args] = bound ? ['setpriv', '--pdeathsig', 'KILL', ...java] : java;
  const child = spawn(command, args, { cwd: home, detached: true, stdio: ['ignore', log, log] });
  child.unref();
  return child;
}

/** An ApiVersions request (KIP-511, version 0), answered without an error: an open port comes too early. */
function answersApiVersions(port) {
  // Length 13, API key 18, version 0, correlation id 7, client id "rdy".
  const request = Buffer.from('0000000d00120000000000070003726479', 'hex');
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(request));
    const end = (ready) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
    socket.once('data', (data) => end(data.length >= 10 && data.readInt32BE(4) === 7 && data.readInt16BE(8) === 0));
  });
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, directory: { type: 'string' }, version: { type: 'string' } },
  });
  const directory = values.directory ?? join(tmpdir(), 'fleetwall-kafka');
  if (positionals[0] === 'start') {
    const port = values.port === undefined ? undefined : Number(values.port);
    const kafka = await startKafka({ version: values.version, port, directory, outlive: true });
    console.log(JSON.stringify({ port: kafka.port, pid: kafka.pid, version: kafka.version }));
  } else if (positionals[0] === 'stop') {
    const file = join(directory, 'kafka.pid');
    if (!existsSync(file)) throw new Error(`No broker was started in ${directory}.`);
    await stopProcess(Number(readFileSync(file, 'utf8')), STOP_TIMEOUT_MS);
    rmSync(file);
  } else {
    throw new Error('Say `start` or `stop`; the options are at the top of scripts/kafka.mjs.');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
