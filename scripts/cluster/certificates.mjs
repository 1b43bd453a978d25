// The certificates inside the cluster: an authority of its own, and what Elasticsearch shows to its clients.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const YEARS = 10;
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' };

/** Writes `ca.pem`, `ca.key`, `elasticsearch.pem` and `elasticsearch.key` unless they are there; answers the new ones. */
export async function writeCertificates(directory) {
  const { generate } = await import('selfsigned');
  const make = async (name, extensions, ca) => {
    const pair = await generate([{ name: 'commonName', value: name }], { ...EC, ...validity(), extensions, ca });
    return { cert: pair.cert, key: pair.private };
  };
  const written = [];
  let ca = readPair(directory, 'ca');
  const isNewAuthority = ca === undefined;
  if (isNewAuthority) {
    ca = await make('Fleetwall cluster', AUTHORITY);
    written.push(...writePair(directory, 'ca', ca, 0o600));
  }
  if (isNewAuthority || !readPair(directory, 'elasticsearch'))
    written.push(...writePair(directory, 'elasticsearch', await make('elasticsearch', SERVER, ca), 0o644));
  return written;
}

/** Undefined unless both files are there: one without the other is of no use. */
function readPair(directory, name) {
  const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  return existsSync(cert) && existsSync(key) ? { cert: read(cert), key: read(key) } : undefined;
}

function writePair(directory, name, { cert, key }, keyMode) {
  const files = { [`${name}.pem`]: [cert, 0o644], [`${name}.key`]: [key, keyMode] };
  for (const [file, [text, mode]] of Object.entries(files)) {
    writeFileSync(join(directory, file), text, { mode });
    // The mask of the shell would take away what containers need.
    chmodSync(join(directory, file), mode);
  }
  return Object.keys(files);
}

function read(path) {
  return readFileSync(path, 'utf8');
}

function validity() {
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + YEARS);
  return { notAfterDate };
}

const AUTHORITY = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
];

const SERVER = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, critical: true },
  { name: 'extKeyUsage', serverAuth: true },
  {
    name: 'subjectAltName',
    altNames: [
      { type: 2, value: 'elasticsearch' },
      { type: 2, value: 'localhost' },
      { type: 7, ip: '127.0.0.1' },
    ],
  },
];
