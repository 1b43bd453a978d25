import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Config } from './config-schema.js';
import { configError } from './errors.js';
import type { Home } from './home.js';
import { writePrivateFile } from './private-file.js';
import { readOptionFile } from './secrets.js';

const KEY_BYTES = 32;
const KEY = /^[0-9a-f]{64}$/i;

/**
 * The secret under which names of accounts are digested: of the file that the options name, else this installation's own,
 * made when it is first asked for. Throws SECRET_UNREADABLE, NAME_KEY_INVALID.
 */
export function readNameKey(config: Config, home: Home): Buffer {
  const { keyFile } = config.privacy;
  if (keyFile !== undefined) return keyOf(readOptionFile('privacy.keyFile', keyFile), keyFile);
  if (existsSync(home.nameKey)) return keyOf(readFileSync(home.nameKey, 'utf8'), home.nameKey);
  const key = randomBytes(KEY_BYTES);
  keepNameKey(home, key);
  return key;
}

/** What was digested under a lost key is told apart from what comes after it. */
export function keepNameKey(home: Home, key: Buffer): void {
  writePrivateFile(home.nameKey, `${key.toString('hex')}\n`);
}

function keyOf(text: string, path: string): Buffer {
  if (!KEY.test(text.trim())) throw configError('NAME_KEY_INVALID', { path });
  return Buffer.from(text.trim(), 'hex');
}
