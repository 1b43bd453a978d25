// `npm test`: the same set-up as `npm start`, then every test. Arguments are jest's own. At the end come the tests that this
// machine cannot run, each by name (a name says why), and as the last line the counts.
//
// Kafka and Elasticsearch are real and started once for all files that can share them: given by FLEETWALL_TEST_KAFKA and
// FLEETWALL_TEST_ELASTICSEARCH, or started here when they were fetched before; FLEETWALL_TEST_REAL=1 fetches them, and runs
// the tests that break servers of their own.
//
// Without arguments there are two runs of jest: what needs nothing but a core, with a worker for each, and then what starts
// processes, servers, firewalls or browsers, which would take the time from each other.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeOf } from './elasticsearch/distribution.mjs';
import * as elasticsearch from './elasticsearch.mjs';
import * as kafka from './kafka.mjs';
import { ROOT, setUp, withSetupErrors } from './setup.mjs';
import { ALONE, allBut } from './test-paths.mjs';

await withSetupErrors(setUp);
const servers = await startServers();
const directory = mkdtempSync(join(tmpdir(), 'fleetwall-test-'));
try {
  const asked = process.argv.slice(2);
  const runs = asked.length > 0 ? [asked] : [['--maxWorkers=100%', ...allBut(ALONE)], ALONE];
  process.exitCode = report(runs.map((args, i) => runJest(join(directory, `${i}.json`), args)));
} finally {
  rmSync(directory, { recursive: true, force: true });
  await servers.stop();
}

/** What jest tells in the end; undefined when it ended before. */
function runJest(file, args) {
  const jest = fileURLToPath(new URL('jest.mjs', import.meta.url));
  // What a test left open must not keep the results back.
  const all = [jest, '--forceExit', '--json', `--outputFile=${file}`, ...args];
  const env = { ...process.env, ...servers.env };
  spawnSync(process.execPath, all, { cwd: ROOT, stdio: 'inherit', env });
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Starts what is not given and can be had; says which. */
async function startServers() {
  const isFetching = process.env.FLEETWALL_TEST_REAL === '1';
  const wanted = [
    {
      name: 'Kafka',
      variable: 'FLEETWALL_TEST_KAFKA',
      isFetched: existsSync(kafka.jarsOf(kafka.DEFAULT_VERSION)),
      missing: kafka.whatIsMissing(),
      start: async () => {
        const server = await kafka.startKafka();
        return { ...server, address: `127.0.0.1:${server.port}`, version: kafka.DEFAULT_VERSION };
      },
    },
    {
      name: 'Elasticsearch',
      variable: 'FLEETWALL_TEST_ELASTICSEARCH',
      isFetched: existsSync(homeOf(elasticsearch.defaultVersion())),
      missing: elasticsearch.whatIsMissing(),
      start: async () => {
        const server = await elasticsearch.startElasticsearch();
        return { ...server, address: server.url };
      },
    },
  ];
  const started = await Promise.all(
    wanted.map(async ({ name, variable, isFetched, missing, start }) => {
      const given = process.env[variable];
      if (given) return { said: `${name}: ${given}, as given` };
      if (missing) return { said: `${name}: none, since this machine lacks ${missing}` };
      if (!isFetched && !isFetching) return { said: `${name}: none; FLEETWALL_TEST_REAL=1 fetches it` };
      const server = await start();
      return { said: `${name}: a real ${server.version}`, server, env: { [variable]: server.address } };
    }),
  );
  for (const { said } of started) console.log(said);
  return {
    env: Object.assign({}, ...started.map(({ env }) => env)),
    stop: () => Promise.all(started.map(({ server }) => server?.stop())),
  };
}

/** Prints names and counts; answers the exit code. */
function report(runs) {
  const files = runs.flatMap((results) => results?.testResults ?? []);
  const sum = (count) => runs.reduce((total, results) => total + (results ? count(results) : 0), 0);
  const skipped = files.flatMap(skippedOf);
  if (skipped.length > 0) console.log(`\nSkipped, since this machine cannot run them:\n${skipped.join('\n')}`);
  // A file that does not even load has no tests that could fail.
  const broken = files.filter(isBroken);
  if (broken.length > 0)
    console.log(`\nFiles that failed as a whole:\n${broken.map(({ name }) => `  ${shown(name)}`).join('\n')}`);
  const unreported = runs.filter((results) => results === undefined).length;
  if (unreported > 0) console.log('\nJest ended before it could report.');
  const failed = sum((results) => results.numFailedTests) + broken.length + unreported;
  const count = sum((results) => results.numPendingTests + results.numTodoTests);
  if (count > 0) console.log(`\n${count} skipped`);
  console.log(`\n${sum((results) => results.numPassedTests)} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

function isBroken({ status, assertionResults }) {
  return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
}

function skippedOf({ name, assertionResults }) {
  return assertionResults
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => `  ${shown(name)}: ${fullName}`);
}

function shown(path) {
  return relative(ROOT, path).replaceAll('\\', '/');
}
