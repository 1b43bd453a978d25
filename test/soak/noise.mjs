// The noise test of the test run, longer: a minute of 100,000 lines a second, then a flood in which every line is an event.
import { runTest } from './run-test.mjs';

await runTest('test/e2e/noise.test.ts', { NOISE_SECONDS: '60' });
await runTest('test/e2e/noise.test.ts', { NOISE_SECONDS: '10', NOISE_LINES_AN_EVENT: '1' });
