// Runs jest in ESM mode; arguments are jest's own. `golden` as first argument runs only golden tests (--update rewrites them).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const env = {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`,
};
if (args[0] === 'golden') {
  args.splice(0, 1, 'golden');
  const update = args.indexOf('--update');
  if (update >= 0) {
    args.splice(update, 1);
    env.UPDATE_GOLDEN = '1';
  }
}
const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
process.exit(spawnSync(process.execPath, [jest, ...args], { stdio: 'inherit', env }).status ?? 1);
