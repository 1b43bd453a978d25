// `npm test`: the same set-up as `npm start`, then every test. Arguments are jest's own. At the end come the tests that this
// machine cannot run, each by name (a name says why), and as the last line the counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, setUp, withSetupErrors } from './setup.mjs';

await withSetupErrors(setUp);
const directory = mkdtempSync(join(tmpdir(), 'fleetwall-test-'));
try {
  const file = join(directory, 'results.json');
  const jest = fileURLToPath(new URL('jest.mjs', import.meta.url));
  const args = [jest, '--json', `--outputFile=${file}`, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = existsSync(file) ? report(JSON.parse(readFileSync(file, 'utf8')), status) : noResults();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Prints names and counts; answers the exit code. */
function report(results, status) {
  const skipped = results.testResults.flatMap(skippedOf);
  if (skipped.length > 0) console.log(`\nSkipped, since this machine cannot run them:\n${skipped.join('\n')}`);
  // A file that does not even load has no tests that could fail.
  const broken = results.testResults.filter(isBroken);
  if (broken.length > 0)
    console.log(`\nFiles that failed as a whole:\n${broken.map(({ name }) => `  ${shown(name)}`).join('\n')}`);
  const failed = results.numFailedTests + broken.length;
  const count = results.numPendingTests + results.numTodoTests;
  console.log(`\n${results.numPassedTests} passed, ${failed} failed${count > 0 ? `, ${count} skipped` : ''}`);
  return failed > 0 ? 1 : (status ?? 1);
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

function noResults() {
  console.log('\nThe tests ended before they could report.\n\n0 passed, 1 failed');
  return 1;
}
