// `npm run conformance`: what is read of the samples of others, suite by suite; writes docs/generated/conformance.md and prints it. The
// data is looked for in FLEETWALL_SHARED or in `shared` beside the checkout. The test that compares the page writes it here.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, setUp, withSetupErrors } from './setup.mjs';

await withSetupErrors(() => setUp({ build: false }));
const jest = fileURLToPath(new URL('jest.mjs', import.meta.url));
const env = { ...process.env, UPDATE_CONFORMANCE: '1' };
const { status } = spawnSync(process.execPath, [jest, 'libs/sources/src/conformance'], {
  cwd: ROOT,
  stdio: 'inherit',
  env,
});
console.log(readFileSync(join(ROOT, 'docs/generated/conformance.md'), 'utf8'));
process.exitCode = status ?? 1;
