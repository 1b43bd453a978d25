// First start of a cluster on this machine: everything secret that docker-compose.yml and deploy/compose/ ask for.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writeCertificates } from './certificates.mjs';
import { closedDirectory, completeEnvironment, newPassword, writePasswords } from './secrets.mjs';

/**
 * Makes what is missing below `root` and changes nothing that is there, so that it may run before every start. Answers the
 * names of what it made.
 */
export async function initialise(root) {
  const secrets = join(root, 'deploy', 'compose', 'secrets');
  closedDirectory(secrets);
  return [
    ...completeEnvironment(join(root, '.env'), environment()),
    ...writePasswords(secrets),
    ...(await writeCertificates(secrets)),
  ];
}

function environment() {
  return {
    // 16 bytes in base64url; one that begins with a dash would be read as an option.
    KAFKA_CLUSTER_ID: randomBytes(16).toString('base64url').replace(/^-/, 'A'),
    ELASTIC_PASSWORD: newPassword(),
  };
}
