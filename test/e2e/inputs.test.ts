import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, Standalone, until } from './standalone.js';

const DEVICE_ATTACKER = '198.51.100.7';
const SHOP_ATTACKER = '198.51.100.8';
const FORGED = '192.0.2.66';
const TOKEN = 'token-of-the-shop';

const failure = (address: string, second: number) =>
  `<38>${new Date(Date.now() - 60_000 + second * 1_000).toISOString()} device sshd[${second + 1}]: Failed password for root from ${address} port ${4000 + second} ssh2\n`;

/** What others send: a device that the operator vouches for, one that nobody does, and a web application. */
describe('a standalone process that listens', () => {
  let site: Standalone;
  let tcp: number;
  let logons: number;

  beforeAll(async () => {
    [tcp, logons] = [await freePort(), await freePort()];
    const hash = createHash('sha256').update(TOKEN).digest('hex');
    const config = [
      'collector:',
      '  syslog:',
      `    tcp: { host: 127.0.0.1, port: ${tcp} }`,
      `    udp: { host: 127.0.0.1, port: ${tcp} }`,
      '    senders: [{ from: 127.0.0.1, host: edge-01, evidence: handshake }]',
      '  logons:',
      `    port: ${logons}`,
      `    tokens: [{ application: shop, tokenSha256: ${hash} }]`,
    ];
    site = new Standalone();
    mkdirSync(site.home, { recursive: true });
    writeFileSync(`${site.home}/fleetwall.yml`, `${config.join('\n')}\n`);
    await site.start();
  }, 60_000);
  afterAll(() => site.remove());

  it('blocks who attacks a device that the operator vouches for', async () => {
    const socket = connect(tcp, '127.0.0.1');
    for (let i = 0; i < 5; i++) socket.write(failure(DEVICE_ATTACKER, i));
    await until('the block', async () => (await targets(site)).includes(DEVICE_ATTACKER));
    socket.destroy();
  });

  it('blocks who attacks an application, and finds the logons', async () => {
    for (let i = 0; i < 5; i++) {
      const response = await fetch(`http://127.0.0.1:${logons}/v1/logons`, {
        method: 'POST',
        body: JSON.stringify({ user: `user${i}`, address: SHOP_ATTACKER, outcome: 'failure', id: `a${i}` }),
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      });
      expect(response.status).toBe(202);
    }
    await until('the block', async () => (await targets(site)).includes(SHOP_ATTACKER));
  });

  it('A19: blocks nobody on the word of a datagram, which anyone can write', async () => {
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    const before = (await site.status()).stored.created;
    for (let i = 0; i < 8; i++) socket.send(failure(FORGED, i), tcp, '127.0.0.1');
    await until('the events', async () => (await site.status()).stored.created >= before + 8);
    socket.close();
    expect(await targets(site)).not.toContain(FORGED);
  });
});

async function targets(site: Standalone): Promise<string[]> {
  return (await site.blocks()).map(({ target }) => target);
}
