// First start of a cluster on this machine: everything secret that docker-compose.yml and deploy/compose/ ask for.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeCertificates } from './certificates.mjs';
import { closedDirectory, completeEnvironment, newPassword, writeOnce, writePasswords } from './secrets.mjs';

/** The collector of the demo host; its token is the only one that is kept in a file here. */
const DEMO = { agent: 'demo', host: 'demo', tenant: 'default' };

/**
 * Makes what is missing below `root` and changes nothing that is there, so that it may run before every start. Answers the
 * names of what it made.
 */
export async function initialise(root) {
  const compose = join(root, 'deploy', 'compose');
  const secrets = join(compose, 'secrets');
  closedDirectory(secrets);
  return [
    ...completeEnvironment(join(root, '.env'), environment()),
    ...writePasswords(secrets),
    ...(await writeCertificates(secrets)),
    ...writeCredentials(join(compose, 'gateway'), secrets),
  ];
}

function environment() {
  return {
    // 16 bytes in base64url; one that begins with a dash would be read as an option.
    KAFKA_CLUSTER_ID: randomBytes(16).toString('base64url').replace(/^-/, 'A'),
    ELASTIC_PASSWORD: newPassword(),
  };
}

/** Collectors that the gateway knows: at first that of the demo. The rows hold hashes, so that they may be read. */
function writeCredentials(directory, secrets) {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  // The form of libs/protocol/src/credential.ts, which need not be built on a machine that only runs images.
  const token = `fw1_${randomBytes(32).toString('base64url')}`;
  if (!writeOnce(join(secrets, 'demo-collector.token'), token)) return [];
  const tokenSha256 = createHash('sha256').update(token).digest('hex');
  const row = Object.entries({ ...DEMO, tokenSha256 }).map(([name, value]) => `${name}: ${value}`);
  const rows = `# Collectors that may connect: rows as \`./fleetwall credential\` prints them.\n- ${row.join('\n  ')}\n`;
  const isNew = writeOnce(join(directory, 'credentials.yml'), rows);
  return ['demo-collector.token', ...(isNew ? ['credentials.yml'] : [])];
}
