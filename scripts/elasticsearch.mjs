// A real Elasticsearch server for tests and local work: one node on loopback, without Docker.
//
//   node scripts/elasticsearch.mjs start [--port 9200] [--directory DIR] [--version 9.5.3] [--security] [--tls]
//   node scripts/elasticsearch.mjs stop  [--directory DIR]
//
// `start` prints {"url","pid","version"}, with --security also "username" and "password", with --tls "ca".
// Needs Java 17 for 8.19 and 21 for 9.x, Maven the first time (80 MB from Maven Central), and openssl for --tls. The
// distribution is the one Elasticsearch tests its plugins with: genuine, but without ILM, ES|QL, ingest and painless.
// Environment: ELASTICSEARCH_VERSION (the newest that a Java here can run), ELASTICSEARCH_CACHE
// ($XDG_CACHE_HOME/fleetwall/elasticsearch; as root /var/cache/fleetwall/elasticsearch), ELASTICSEARCH_HEAP (1g), JAVA_HOME.
import { spawn, spawnSync } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fetchDistribution, homeOf } from './elasticsearch/distribution.mjs';
import { freePort, killGroup, stopProcess, untilReady } from './server-process.mjs';

export const VERSIONS = ['9.5.3', '8.19.21'];
const OLDEST_JAVA = { 8: 17, 9: 21 };
const READY_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 30_000;
const USERNAME = 'admin';
/** The server refuses to run as root; this one owns nothing. */
const NOBODY = 65_534;

/** Looked for once, since every try starts a Java. */
const javas = new Map();

/** A Java that runs the version, among JAVA_HOME, PATH and /usr/lib/jvm: its home and release, or undefined. */
export function findJava(version) {
  if (!javas.has(version)) javas.set(version, lookForJava(version));
  return javas.get(version);
}

function lookForJava(version) {
  const installed = existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm').map((name) => `/usr/lib/jvm/${name}`) : [];
  for (const home of [process.env.JAVA_HOME, undefined, ...installed.sort()]) {
    if (home === '') continue;
    const java = home ? join(home, 'bin', 'java') : 'java';
    const { stderr } = spawnSync(java, ['-XshowSettings:properties', '-version'], { encoding: 'utf8' });
    const major = Number(/java\.specification\.version = (\d+)/.exec(stderr ?? '')?.[1]);
    const javaHome = /java\.home = (.+)/.exec(stderr ?? '')?.[1];
    if (major >= OLDEST_JAVA[version.split('.')[0]]) return { home: javaHome, major };
  }
  return undefined;
}

/** The newest version that a Java of this machine runs. */
export function defaultVersion() {
  return process.env.ELASTICSEARCH_VERSION || (VERSIONS.find((version) => findJava(version)) ?? VERSIONS[0]);
}

/** What this machine lacks to run the server, in words, or undefined: for tests that are skipped by name. */
export function whatIsMissing(version = defaultVersion(), { tls = false } = {}) {
  if (process.platform !== 'linux') return 'Linux';
  if (!findJava(version))
    return `Java ${OLDEST_JAVA[version.split('.')[0]]} or newer (in JAVA_HOME, on PATH or in /usr/lib/jvm)`;
  if (tls && spawnSync('openssl', ['version']).status !== 0) return 'openssl, which makes the certificate';
  if (existsSync(homeOf(version))) return undefined;
  return spawnSync('mvn', ['-v']).status === 0 ? undefined : 'Maven (mvn), which fetches Elasticsearch';
}

/**
 * Starts a server and waits until it answers. Its data stay in `directory`, to be started again with; without one they
 * live in a temporary directory that `stop` removes. Unless `outlive`, the server ends with this process.
 */
export async function startElasticsearch(options = {}) {
  const {
    version = defaultVersion(),
    directory,
    security = false,
    tls = false,
    settings = {},
    outlive = false,
  } = options;
  const missing = whatIsMissing(version, { tls });
  if (missing) throw new Error(`Elasticsearch cannot start: this machine lacks ${missing}.`);
  const java = findJava(version).home;
  const home = fetchDistribution(version, join(java, 'bin', 'java'));
  const data = directory ?? mkdtempSync(join(tmpdir(), 'fleetwall-elasticsearch-'));
  mkdirSync(data, { recursive: true });
  const port = options.port ?? (await freePort());
  const access = configure(home, data, {
    port,
    transportPort: await freePort(),
    secured: security || tls,
    tls,
    settings,
  });
  const child = run(home, java, data, outlive);
  const endWithUs = () => killGroup(child.pid, 'SIGKILL');
  if (!outlive) process.once('exit', endWithUs);
  const stop = async () => {
    await stopProcess(child.pid, STOP_TIMEOUT_MS);
    process.removeListener('exit', endWithUs);
    if (!directory) rmSync(data, { recursive: true, force: true });
  };
  const server = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    version,
    directory: data,
    ...access,
  };
  try {
    const log = join(data, 'elasticsearch.log');
    const patience = { name: 'Elasticsearch', child, log, timeoutMs: READY_TIMEOUT_MS };
    await untilReady({ ...patience, answers: () => answers(server) });
  } catch (error) {
    await stop();
    throw error;
  }
  writeFileSync(join(data, 'elasticsearch.pid'), String(child.pid));
  return { ...server, stop };
}

/** Writes the configuration; answers what a client needs to get in. */
function configure(home, data, { port, transportPort, secured, tls, settings }) {
  const config = join(data, 'config');
  if (!existsSync(config)) cpSync(join(home, 'config'), config, { recursive: true });
  const jvm = readFileSync(join(config, 'jvm.options'), 'utf8');
  writeFileSync(join(config, 'jvm.options'), jvm.replace(/^.*-Xlog:gc.*$/gm, ''));
  for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(data, name), { recursive: true });
  const all = {
    'cluster.name': 'fleetwall',
    'node.name': 'test',
    'path.data': join(data, 'data'),
    'path.logs': join(data, 'logs'),
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': transportPort,
    'discovery.type': 'single-node',
    'node.processors': 2,
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'xpack.security.enabled': secured,
    ...(tls && {
      'xpack.security.http.ssl.enabled': true,
      'xpack.security.http.ssl.key': join(config, 'http.key'),
      'xpack.security.http.ssl.certificate': join(config, 'http.crt'),
    }),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  writeFileSync(join(config, 'elasticsearch.yml'), lines.join(''));
  if (tls && !existsSync(join(config, 'http.key'))) makeCertificate(config);
  return {
    ...(secured && { username: USERNAME, password: passwordIn(config) }),
    ...(tls && { ca: readFileSync(join(config, 'http.crt'), 'utf8') }),
  };
}

/** The password of the one user, made with the directory. The file realm takes PBKDF2 with SHA-512, which Node can make. */
function passwordIn(config) {
  const file = join(config, 'fleetwall-password');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const password = randomBytes(12).toString('base64url');
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, 10_000, 32, 'sha512');
  writeFileSync(
    join(config, 'users'),
    `${USERNAME}:{PBKDF2}10000$${salt.toString('base64')}$${hash.toString('base64')}\n`,
  );
  writeFileSync(join(config, 'users_roles'), `superuser:${USERNAME}\n`);
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

function makeCertificate(config) {
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(config, 'http.key')];
  const certificate = [
    '-subj',
    '/CN=fleetwall-test',
    '-addext',
    names,
    '-days',
    '30',
    '-out',
    join(config, 'http.crt'),
  ];
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...key, ...certificate], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl could not make a certificate:\n${stderr}`);
}

function run(home, java, data, outlive) {
  const log = openSync(join(data, 'elasticsearch.log'), 'a');
  const asRoot = process.getuid() === 0;
  if (asRoot) spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, data]);
  // An exit handler does not run when this process is killed; the kernel's parent-death signal does not need one. The
  // server itself is a child of the launcher and ends with it.
  const set = [
    ...(asRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : []),
    ...(outlive ? [] : ['--pdeathsig', 'KILL']),
  ];
  const heap = process.env.ELASTICSEARCH_HEAP ?? '1g';
  const [command, ...args] = [...(set.length > 0 ? ['setpriv', ...set] : []), join(home, 'bin', 'elasticsearch')];
  const { JAVA_HOME: _, ...env } = process.env;
  const child = spawn(command, args, {
    cwd: data,
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...env,
      HOME: data,
      ES_JAVA_HOME: java,
      ES_PATH_CONF: join(data, 'config'),
      ES_TMPDIR: join(data, 'tmp'),
      ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
      CLI_JAVA_OPTS: '-Xmx64m',
    },
  });
  child.unref();
  return child;
}

/** Ready when the state of the cluster is recovered: before, indices of an earlier start seem to be missing. */
function answers({ url, username, password, ca }) {
  const path = `${url}/_cluster/health?wait_for_status=yellow&timeout=1s`;
  return new Promise((resolve) => {
    const options = { timeout: 5_000, ...(ca && { ca }), ...(username && { auth: `${username}:${password}` }) };
    const request = (ca ? httpsRequest : httpRequest)(path, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.end();
  });
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      directory: { type: 'string' },
      version: { type: 'string' },
      security: { type: 'boolean' },
      tls: { type: 'boolean' },
    },
  });
  const directory = values.directory ?? join(tmpdir(), 'fleetwall-elasticsearch');
  if (positionals[0] === 'start') {
    const port = values.port === undefined ? undefined : Number(values.port);
    const { version, security, tls } = values;
    const server = await startElasticsearch({ version, port, directory, security, tls, outlive: true });
    const { url, pid, username, password, ca } = server;
    console.log(JSON.stringify({ url, pid, version: server.version, username, password, ca }));
  } else if (positionals[0] === 'stop') {
    const file = join(directory, 'elasticsearch.pid');
    if (!existsSync(file)) throw new Error(`No server was started in ${directory}.`);
    await stopProcess(Number(readFileSync(file, 'utf8')), STOP_TIMEOUT_MS);
    rmSync(file);
  } else {
    throw new Error('Say `start` or `stop`; the options are at the top of scripts/elasticsearch.mjs.');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
