// `npm run test:daemons`: every test with a real server. A suite that this machine cannot run is skipped under its name, which
// says what is missing. Arguments are jest's own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const jest = fileURLToPath(new URL('../../scripts/jest.mjs', import.meta.url));
const args = [jest, '--verbose', '--maxWorkers=1', 'test/daemons', ...process.argv.slice(2)];
const env = { ...process.env, FLEETWALL_TEST_REAL: '1' };
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1);
