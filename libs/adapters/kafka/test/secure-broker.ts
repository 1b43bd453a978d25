import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DEFAULT_VERSION, findJava, jarsOf, startKafka } from '../../../../scripts/kafka.mjs';

/** Why a broker with TLS cannot be set up here; undefined when it can. */
export const whyNoTls = spawnSync('openssl', ['version']).status === 0 ? undefined : 'needs openssl';

export interface SecureBroker {
  /** For everybody: SASL over TLS. */
  secure: string;
  /** For the test itself, which may do everything. */
  plain: string;
  ca: string;
  stop(): Promise<void>;
}

/**
 * A broker that lets nobody do anything without an entry in its access lists. Its certificate is for 127.0.0.1.
 *
 * @param passwords by user; known to SASL/PLAIN
 * @param scramUser known to SCRAM-SHA-512 besides, with the same password
 */
export async function startSecureBroker(
  directory: string,
  passwords: Record<string, string>,
  scramUser: string,
): Promise<SecureBroker> {
  mkdirSync(directory, { recursive: true });
  const certificate = createCertificate(directory);
  const [plain, secure, controller] = [await freePort(), await freePort(), await freePort()];
  const users = Object.entries(passwords).map(([user, password]) => `user_${user}="${password}"`);
  const settings = {
    listeners: `PLAINTEXT://127.0.0.1:${plain},CONTROLLER://127.0.0.1:${controller},SECURE://127.0.0.1:${secure}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure}`,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.secure.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`,
    'listener.name.secure.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificate.keystore,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'allow.everyone.if.no.acl.found': false,
  };
  const kafka = await startKafka({ directory: join(directory, 'kafka'), port: plain, settings });
  createScramUser(`127.0.0.1:${plain}`, scramUser, passwords[scramUser] as string);
  return {
    secure: `127.0.0.1:${secure}`,
    plain: `127.0.0.1:${plain}`,
    ca: certificate.ca,
    stop: async () => {
      await kafka.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Key and self-signed certificate in one file, as Kafka reads them (KIP-651). */
function createCertificate(directory: string): { keystore: string; ca: string } {
  const [key, cert, keystore] = ['key.pem', 'cert.pem', 'keystore.pem'].map((file) => join(directory, file)) as [
    string,
    string,
    string,
  ];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=kafka'];
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...request, ...files], { stdio: 'pipe' });
  const ca = readFileSync(cert, 'utf8');
  writeFileSync(keystore, readFileSync(key, 'utf8') + ca);
  return { keystore, ca };
}

/** As `kafka-configs.sh` does. */
function createScramUser(broker: string, user: string, password: string): void {
  const options = ['--bootstrap-server', broker, '--alter', '--entity-type', 'users', '--entity-name', user];
  const credential = ['--add-config', `SCRAM-SHA-512=[password=${password}]`];
  const java = ['-XX:TieredStopAtLevel=1', '-cp', join(jarsOf(DEFAULT_VERSION), '*'), 'kafka.admin.ConfigCommand'];
  execFileSync(findJava()?.path as string, [...java, ...options, ...credential], { stdio: 'pipe' });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
