// Passwords of a cluster on this machine. Made once, never overwritten.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Services with a Kafka user of their own. */
export const KAFKA_USERS = ['gateway', 'correlation', 'response', 'indexer', 'console'];
/** Programs with an Elasticsearch user of their own. */
export const ELASTICSEARCH_USERS = ['correlation', 'response', 'indexer', 'console', 'grafana'];

const PASSWORDS = [
  ...KAFKA_USERS.map((user) => `kafka-${user}`),
  ...ELASTICSEARCH_USERS.map((user) => `elasticsearch-${user}`),
  'grafana-admin',
];

/** 192 random bits in characters that need no quotes anywhere. */
export function newPassword() {
  return randomBytes(24).toString('base64url');
}

/**
 * Writes the password files that are missing; answers their names. Containers read them as users of their own, and
 * Compose mounts a file as it is: so the directory keeps others on this machine out (0700), and the files may be read.
 */
export function writePasswords(directory) {
  return PASSWORDS.filter((name) => writeOnce(join(directory, `${name}.password`), newPassword()));
}

/** Makes the directory, and closes it to other users when it was there already. */
export function closedDirectory(directory) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
}

/** Whether the file was not there; it holds `text` then. */
function writeOnce(path, text) {
  if (existsSync(path)) return false;
  writeFileSync(path, text, { flag: 'wx' });
  // The mask of the shell would take away what containers need.
  chmodSync(path, 0o644);
  return true;
}

/** Adds the variables that `.env` does not have; answers their names. What is there stays, also what people wrote. */
export function completeEnvironment(path, values) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : HEADER;
  const missing = Object.entries(values).filter(([name]) => !new RegExp(`^${name}=`, 'm').test(text));
  if (missing.length > 0) {
    const lines = missing.map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(path, `${text.replace(/\n*$/, '\n')}${lines.join('')}`, { mode: 0o600 });
  }
  chmodSync(path, 0o600);
  return missing.map(([name]) => name);
}

const HEADER = `# Made by \`node scripts/cluster.mjs init\` for docker-compose.yml; never commit it. What it holds: docs/cluster.md.
`;
