// `npm run docs`: writes the documents that are made from the sources: error tables, options, schemas, log sources. The test
// that compares them writes them here, so that both render with the same code.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from './setup.mjs';

const jest = fileURLToPath(new URL('jest.mjs', import.meta.url));
const args = [jest, 'test/docs.test.ts', '--testNamePattern', 'is what the sources say'];
const env = { ...process.env, UPDATE_DOCS: '1' };
process.exit(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1);
