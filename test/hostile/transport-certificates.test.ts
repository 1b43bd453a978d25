import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { GatewayUplink } from '@fleetwall/collector';
import { pinOf } from '@fleetwall/protocol';
import { afterEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { eventLine, Site, until } from './gateway-site.js';

const DAY_MS = 86_400_000;

let site: Site;
const servers: Server[] = [];
const clients: Socket[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const client of clients.splice(0)) client.destroy();
  await site.close();
});

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string;
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** A certificate of a key that ends at a time. */
async function certificateOf(
  privateKey: KeyObject,
  endsMs: number,
  ca?: { key: string; cert: string },
): Promise<string> {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string;
  const { cert } = await generate([{ name: 'commonName', value: ca ? 'localhost' : 'test' }], {
    ...{ keyType: 'ec' as const, curve: 'P-256' as const, algorithm: 'sha256' },
    keyPair: { privateKey: pem(privateKey), publicKey },
    notBeforeDate: new Date(Math.min(Date.now(), endsMs) - DAY_MS),
    notAfterDate: new Date(endsMs),
    extensions: [
      { name: 'basicConstraints', cA: ca === undefined },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
    ...(ca && { ca }),
  });
  return cert;
}

const file = (name: string) => join(site.directory, name);
const ownKey = () => createPrivateKey(readFileSync(file('gateway.key')));
const pinOfFile = (name: string) => pinOf(new X509Certificate(readFileSync(file(name))).publicKey);

/** Puts a certificate in the place of the gateway's, and waits until it is served. */
async function serve(privateKey: KeyObject, cert: string): Promise<void> {
  writeFileSync(file('gateway.key'), pem(privateKey), { mode: 0o600 });
  writeFileSync(file('gateway.crt'), cert);
  await until('the certificate to be served', () => site.tls.current.cert === cert);
}

async function expectConnected(uplink: GatewayUplink): Promise<void> {
  await until('a connection', () => uplink.status().connected);
  await uplink.send({ sequence: 1, events: [eventLine('x')] });
}

async function expectRefused(uplink: GatewayUplink, code: string): Promise<void> {
  await until('a refusal', () => uplink.status().lastError !== undefined);
  expect(uplink.status()).toMatchObject({ connected: false, lastError: { code } });
  expect(uplink.status().lastError?.hint).not.toBe('');
  expect(uplink.stats.connects).toBe(0);
}

/** Closed after the test, with whoever is connected: some never say goodbye. */
function closeAfterTest(server: Server): void {
  servers.push(server);
  server.on('connection', (client: Socket) => clients.push(client));
}

describe('C10: the key of the gateway', () => {
  it('is made at the first start, for nobody else to read, and stays', async () => {
    site = await Site.open();
    expect(statSync(file('gateway.key')).mode & 0o777).toBe(0o600);
    const { pin } = site.server;
    await site.stopGateway();
    await site.startGateway();
    expect(site.server.pin).toBe(pin);
    await expectConnected(site.uplink(await site.enrol('agent-1'), { pins: [`sha256/${pin}`] }));
  });

  it('pinned: a renewed and even an expired certificate of the same key connect', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const { pin } = site.server;
    await serve(ownKey(), await certificateOf(ownKey(), Date.now() + 400 * DAY_MS));
    const uplink = site.uplink(token, { pins: [pin] });
    await expectConnected(uplink);
    await uplink.close();
    await serve(ownKey(), await certificateOf(ownKey(), Date.now() - DAY_MS));
    await expectConnected(site.uplink(token, { pins: [pin] }));
  });

  it('announced: the new one connects, also after a restart of the collector, and the old one no more', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const { pin: oldPin } = site.server;
    const next = newKey();
    const nextCert = await certificateOf(next, Date.now() + 400 * DAY_MS);
    const pinsFile = file('pins.json');
    const before = site.uplink(token, { pins: [oldPin], pinsFile });
    await expectConnected(before);
    writeFileSync(file('gateway.next.crt'), nextCert);
    await until('the announcement to arrive', () => existsSync(pinsFile));
    await before.close();
    rmSync(file('gateway.next.crt'));
    await serve(next, nextCert);
    expect(site.server.pin).toBe(pinOfFile('gateway.crt'));
    expect(site.server.pin).not.toBe(oldPin);
    for (let restart = 0; restart < 2; restart++) {
      const after = site.uplink(token, { pins: [oldPin], pinsFile });
      await expectConnected(after);
      await after.close();
    }
    await expectRefused(site.uplink(token, { pins: [oldPin] }), 'UPLINK_PIN_WRONG');
  });

  it('unannounced: nobody connects, and no token leaves the collector', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const { pin } = site.server;
    const foreign = newKey();
    await serve(foreign, await certificateOf(foreign, Date.now() + 400 * DAY_MS));
    await expectRefused(site.uplink(token, { pins: [pin] }), 'UPLINK_PIN_WRONG');
    expect(site.server.stats).toMatchObject({ accepted: 0, refusedCredentials: 0, refusedUpgrades: 0 });
  });

  it('without pins the certificate must be signed, in time, and for this host', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const authority = newKey();
    const ca = { key: pem(authority), cert: await certificateOf(authority, Date.now() + 400 * DAY_MS) };
    const host = newKey();
    const url = `wss://localhost:${site.server.port}`;
    await expectRefused(site.uplink(token, { pins: [], url }), 'UPLINK_CERTIFICATE_REFUSED');
    await serve(host, await certificateOf(host, Date.now() + DAY_MS, ca));
    const signed = site.uplink(token, { pins: [], url, ca: ca.cert });
    await expectConnected(signed);
    await signed.close();
    await serve(host, await certificateOf(host, Date.now() - DAY_MS, ca));
    await expectRefused(site.uplink(token, { pins: [], url, ca: ca.cert }), 'UPLINK_CERTIFICATE_REFUSED');
  });

  it('TLS 1.1 and plain text are no gateway', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const { cert, key } = site.tls.current;
    const old = createTlsServer({ cert, key, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    const plain = createHttpServer((_request, response) => response.end('hello'));
    for (const server of [old, plain]) {
      server.on('tlsClientError', () => undefined);
      closeAfterTest(server);
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      await expectRefused(site.uplink(token, { url: `wss://127.0.0.1:${port}` }), 'UPLINK_NOT_TLS');
    }
    const versions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    const downgraded = await new Promise<string>((resolve) => {
      connectTls({ port: site.server.port, host: '127.0.0.1', rejectUnauthorized: false, ...versions })
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
        .on('secureConnect', () => resolve('connected'));
    });
    expect(downgraded).not.toBe('connected');
  });

  it('who says nothing at all is given up after a while, with and without a proxy, and tried again', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const { cert, key } = site.tls.current;
    const afterTls = createTlsServer({ cert, key }, (socket) => socket.on('error', () => undefined));
    const silent = createServer(() => undefined);
    const addresses: string[] = [];
    for (const server of [silent, afterTls]) {
      closeAfterTest(server);
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      addresses.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    }
    const [address, addressAfterTls] = addresses;
    const timings = { connectTimeoutMs: 300, minPauseMs: 10, maxPauseMs: 20 };
    const urls = [{ url: `wss://${address}` }, { url: `wss://${addressAfterTls}` }, { proxy: `http://${address}` }];
    for (const more of urls) {
      const uplink = site.uplink(token, { ...more, timings });
      await until('several attempts', () => uplink.stats.failures >= 3);
      expect(uplink.status().lastError?.message).toMatch(/it took too long|no welcome within 300 ms/);
      await uplink.close();
    }
  });

  it('a certificate file that is broken is told of, and the one before it goes on', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    writeFileSync(file('gateway.crt'), 'nonsense');
    await until('it to be told', () => site.problems.some((problem) => problem.includes('gateway.crt')));
    await expectConnected(site.uplink(token));
  });
});

describe('through a proxy', () => {
  /** CONNECT to where it says, for those who know the password. */
  function proxyServer(): Promise<{ url: string; tunnels: () => number }> {
    let tunnels = 0;
    const proxy = createServer((client: Socket) => {
      client.on('error', () => undefined);
      client.once('data', (data) => {
        const text = data.toString('latin1');
        const [, host, port] = /^CONNECT ([^:]+):(\d+) /.exec(text) ?? [];
        const isAllowed = text.includes(`Basic ${Buffer.from('user:word').toString('base64')}`);
        if (!isAllowed) {
          client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
          return;
        }
        tunnels++;
        const target = connect(Number(port), host as string, () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          client.pipe(target).pipe(client);
        });
        target.on('error', () => client.destroy());
        client.on('close', () => target.destroy());
      });
    });
    closeAfterTest(proxy);
    return new Promise((resolve) => {
      proxy.listen(0, '127.0.0.1', () => {
        resolve({ url: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, tunnels: () => tunnels });
      });
    });
  }

  it('the pinned gateway is found; a proxy that refuses is told of', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const { url, tunnels } = await proxyServer();
    const refused = site.uplink(token, { proxy: `http://${url}` });
    await expectRefused(refused, 'UPLINK_PROXY_REFUSED');
    await refused.close();
    const uplink = site.uplink(token, { proxy: `http://user:word@${url}` });
    await expectConnected(uplink);
    expect(tunnels()).toBe(1);
    await uplink.close();
  });
});
