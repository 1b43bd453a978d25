import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { pinOf } from '@fleetwall/protocol';
import { generate } from 'selfsigned';
import { gatewayError } from '../errors.js';

/** Where the certificate lies. Of the next key only its certificate is needed yet: collectors learn its pin from it. */
export interface CertificatePaths {
  certFile: string;
  keyFile: string;
  /** Announced to collectors while it is there. */
  nextCertFile?: string;
}

/** What a server presents. */
export interface Certificate {
  /** PEM, with its chain. */
  cert: string;
  key: string;
  /** Of its public key. */
  pin: string;
  validToMs: number;
  nextPins: string[];
}

const DAY_MS = 86_400_000;
const SELF_SIGNED_MS = 3_650 * DAY_MS;
/** One that the gateway made itself is renewed, with the same key, when it ends sooner than this. */
const RENEW_MS = 90 * DAY_MS;

/** @throws CERTIFICATE_UNUSABLE when a file is missing, is not PEM, or key and certificate do not belong together */
export async function readCertificate({ certFile, keyFile, nextCertFile }: CertificatePaths): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    const parsed = new X509Certificate(cert);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error(`the key in ${keyFile} is another one's`);
    createSecureContext({ cert, key });
    const nextPins = nextCertFile === undefined ? [] : await pinsIn(nextCertFile);
    return { cert, key, pin: pinOf(parsed.publicKey), validToMs: Date.parse(parsed.validTo), nextPins };
  } catch (error) {
    throw gatewayError('CERTIFICATE_UNUSABLE', { path: certFile, reason: (error as Error).message }, { cause: error });
  }
}

/** Paths of the gateway's own certificate in its home. */
export function ownCertificatePaths(home: string): CertificatePaths {
  return {
    certFile: join(home, 'gateway.crt'),
    keyFile: join(home, 'gateway.key'),
    nextCertFile: join(home, 'gateway.next.crt'),
  };
}

/**
 * Makes a key and a certificate signed with it where there are none, and renews the certificate before it ends. The key
 * stays: collectors pin it.
 */
export async function ensureOwnCertificate(home: string, nowMs: number): Promise<void> {
  const { certFile, keyFile } = ownCertificatePaths(home);
  const key = await readOrUndefined(keyFile);
  const cert = await readOrUndefined(certFile);
  if (key !== undefined && cert !== undefined) {
    const { validTo } = new X509Certificate(cert);
    if (Date.parse(validTo) - nowMs > RENEW_MS) return;
  }
  const privateKey =
    key === undefined ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : ownKey(key, keyFile);
  if (key === undefined) await writeWhole(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  await writeWhole(certFile, await selfSigned(privateKey, nowMs));
}

function ownKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw gatewayError('CERTIFICATE_UNUSABLE', { path, reason: (error as Error).message }, { cause: error });
  }
}

async function selfSigned(privateKey: KeyObject, nowMs: number): Promise<string> {
  const keyPair = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string,
  };
  const { cert } = await generate([{ name: 'commonName', value: 'Fleetwall gateway' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    keyPair,
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + SELF_SIGNED_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  return cert;
}

async function pinsIn(path: string): Promise<string[]> {
  const pem = await readOrUndefined(path);
  return pem === undefined ? [] : [pinOf(new X509Certificate(pem).publicKey)];
}

async function readOrUndefined(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** For nobody else's eyes, and never half there. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
