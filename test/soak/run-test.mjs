import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT, setUp, withSetupErrors } from '../../scripts/setup.mjs';

const jest = fileURLToPath(new URL('../../scripts/jest.mjs', import.meta.url));

/** Builds what is stale, then runs one test file; variables of the caller win over those given here. A failure ends the process with 1. */
export async function runTest(path, variables) {
  await withSetupErrors(() => setUp());
  const env = { ...variables, ...process.env };
  const child = spawn(process.execPath, [jest, path, '--verbose'], { cwd: ROOT, env, stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) process.exit(1);
}
