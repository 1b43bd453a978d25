// The crash test of the test run with 50 kills instead of 8: `npm run test:crash`. CRASHES=200 takes more, SEED=… repeats one.
import { runTest } from './run-test.mjs';

await runTest('test/e2e/crash.test.ts', { CRASHES: '50' });
