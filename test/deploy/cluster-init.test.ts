import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { initialise } from '../../scripts/cluster/initialise.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fleetwall-cluster-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const secret = (name: string) => join(root, 'deploy/compose/secrets', name);
const read = (path: string) => readFileSync(path, 'utf8');
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Every file below the root and what it holds. */
function everything(): Map<string, string> {
  const names = readdirSync(root, { recursive: true }) as string[];
  const files = names.filter((name) => statSync(join(root, name)).isFile());
  return new Map(files.map((name) => [name, read(join(root, name))]));
}

describe('the first start of a cluster', () => {
  it('makes secrets, and a second one changes none', async () => {
    expect((await initialise(root)).length).toBeGreaterThan(10);
    const before = everything();
    expect(await initialise(root)).toEqual([]);
    expect(everything()).toEqual(before);
  });

  it('makes no two passwords alike, none of which can be guessed', async () => {
    await initialise(root);
    const passwords = [...everything()].filter(([name]) => name.endsWith('.password')).map(([, text]) => text);
    expect(passwords.length).toBeGreaterThan(8);
    expect(new Set(passwords).size).toBe(passwords.length);
    for (const password of passwords) expect(password).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  const modeTest = process.platform === 'win32' ? it.skip : it;
  modeTest('keeps other users of this machine out (needs file modes), whatever the mask of the shell', async () => {
    const mask = process.umask(0o077);
    try {
      await initialise(root);
    } finally {
      process.umask(mask);
    }
    expect(modeOf(join(root, 'deploy/compose/secrets'))).toBe('700');
    expect(modeOf(join(root, '.env'))).toBe('600');
    expect(modeOf(secret('ca.key'))).toBe('600');
    // Users of containers read these through a mount of the file alone.
    expect(modeOf(secret('kafka-gateway.password'))).toBe('644');
    chmodSync(join(root, 'deploy/compose/secrets'), 0o755);
    await initialise(root);
    expect(modeOf(join(root, 'deploy/compose/secrets'))).toBe('700');
  });

  it('completes an .env and a set of secrets without touching what people wrote', async () => {
    writeFileSync(join(root, '.env'), 'GRAFANA_PORT=3001\nELASTIC_PASSWORD=mine');
    await initialise(root);
    rmSync(secret('grafana-admin.password'));
    expect(await initialise(root)).toEqual(['grafana-admin']);
    const environment = read(join(root, '.env'));
    expect(environment).toMatch(/^GRAFANA_PORT=3001\nELASTIC_PASSWORD=mine\nKAFKA_CLUSTER_ID=[\w-]{22}\n$/);
  });

  it('makes a certificate that its own authority vouches for, for the names it is called by', async () => {
    await initialise(root);
    const server = createServer({ key: read(secret('elasticsearch.key')), cert: read(secret('elasticsearch.pem')) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const ca = read(secret('ca.pem'));
      expect(await greet(server, 'elasticsearch', ca)).toBe('trusted');
      expect(await greet(server, 'localhost', ca)).toBe('trusted');
      expect(await greet(server, 'kibana', ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
      expect(await greet(server, 'elasticsearch', undefined)).not.toBe('trusted');
    } finally {
      server.close();
    }
  });

  it('makes both certificates anew when half a pair is lost', async () => {
    await initialise(root);
    rmSync(secret('ca.pem'));
    expect(await initialise(root)).toEqual(['ca.pem', 'ca.key', 'elasticsearch.pem', 'elasticsearch.key']);
    const ca = new X509Certificate(read(secret('ca.pem')));
    expect(new X509Certificate(read(secret('elasticsearch.pem'))).verify(ca.publicKey)).toBe(true);
  });
});

function greet(server: Server, servername: string, ca: string | undefined): Promise<string> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ...(ca && { ca }) }, () => {
      socket.destroy();
      resolve('trusted');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
