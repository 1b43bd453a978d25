// The chaos test of the test run with more and longer faults: `npm run test:chaos -- [--minutes 12] [--kills 12] [--seed N]`.
// Every kind of fault once, as many random kills, and more of those until the minutes are over; pauses of 40 s, outages of
// Elasticsearch of two minutes. The seed gives the attackers and the order of the faults, and is told at the start.
import { parseArgs } from 'node:util';
import { runTest } from '../soak/run-test.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '12' },
    kills: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [minutes, kills, seed] = ['minutes', 'kills', 'seed'].map((name) => wholeNumber(name, values[name]));
await runTest('test/chaos/chaos.test.ts', {
  ...{ FLEETWALL_TEST_REAL: '1', CHAOS_MINUTES: minutes, CHAOS_KILLS: kills, CHAOS_SEED: seed },
});

function wholeNumber(name, text) {
  if (/^\d{1,6}$/.test(text)) return text;
  console.error(`--${name} is a whole number, not ${text}`);
  process.exit(2);
}
