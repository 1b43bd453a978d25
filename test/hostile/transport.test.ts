import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type FleetEvent, TOPICS } from '@fleetwall/core';
import { BATCH_HEADER_BYTES, CLOSE_CODES } from '@fleetwall/protocol';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { batchOf, eventLine, NAME_KEY, Site, T, until } from './gateway-site.js';

let site: Site;
afterEach(() => site.close());

/** Another collector is served as ever. */
async function expectServed(token: string): Promise<void> {
  const client = await site.welcomed(token, 'bystander');
  client.ws.send(batchOf(1, [eventLine('bystander')]));
  await until('an acknowledgement', () => client.acknowledged === 1);
  client.ws.terminate();
  await until('it to be gone', () => site.server.connections().every(({ agentId }) => agentId !== 'bystander'));
}

const ids = (events: FleetEvent[]) => events.map((event) => event['event.id']);

describe('C01: upgrades with hostile headers', () => {
  it('are refused with a 4xx, and the process lives', async () => {
    site = await Site.open();
    const token = await site.enrol('bystander');
    const many = Object.fromEntries(Array.from({ length: 2_100 }, (_, i) => [`x-${i}`, '1']));
    await expect(site.raw(token, { headers: many })).rejects.toThrow(/^431/);
    const blanks = { 'sec-websocket-protocol': `b${' '.repeat(16_000)}x` };
    await expect(site.raw(token, { headers: blanks, protocols: [] })).rejects.toThrow(/^431/);
    const fewerBlanks = { 'sec-websocket-protocol': `b${' '.repeat(4_000)}x` };
    await expect(site.raw(token, { headers: fewerBlanks, protocols: [] })).rejects.toThrow(/^400/);
    const upgrade = `GET /v1/collector HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nupgrade: websocket\r\n`;
    for (const text of [
      `${upgrade}connection: upgrade\r\nsec-websocket-protocol: fleetwall.v1\r\nsec-websocket-key: x\r\n\r\n`,
      'GET /v1/collector HTTP/1.1\r\nupgrade\r\n\r\n',
      'x'.repeat(9_000),
      '\0\r\n\r\n',
    ]) {
      const socket = await site.tlsSocket();
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('error', () => undefined);
      socket.write(text);
      await new Promise((done) => socket.on('close', done));
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    await expectServed(token);
  });
});

describe('C02: little that inflates to much', () => {
  it('ends that connection with 1009, and no other notices', async () => {
    site = await Site.open();
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    const client = await site.welcomed(await site.enrol('bomber'));
    const frame = batchOf(1, ['{}'], 'gzip', bomb);
    const before = process.memoryUsage().rss;
    client.ws.send(frame);
    expect(await client.closed()).toBe(1009);
    expect(client.of('notice')[0]).toMatchObject({ code: 'BATCH_TOO_LARGE' });
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
    const announced = Buffer.from(frame);
    announced.writeUInt32BE(1 << 30, 16);
    const honest = await site.welcomed(await site.enrol('honest'));
    honest.ws.send(announced);
    expect(await honest.closed()).toBe(1009);
    await expectServed(await site.enrol('bystander'));
  });

  it('is not even gathered when it is a message beyond the limit, or compressed by the WebSocket itself', async () => {
    site = await Site.open();
    const large = await site.welcomed(await site.enrol('large'));
    large.ws.send(randomBytes(3 << 20));
    expect(await large.closed()).toBe(1009);
    const compressed = await site.raw(await site.enrol('compressed'), { perMessageDeflate: true });
    expect(compressed.ws.extensions).toBe('');
    // A frame that claims to be compressed, though nobody agreed to that: RSV1 is set.
    const socket = (compressed.ws as unknown as { _socket: NodeJS.WritableStream })._socket;
    socket.write(Buffer.from([0xc2, 0x81, 0, 0, 0, 0, 0]));
    expect(await compressed.closed()).toBe(1002);
    expect(site.server.stats).toMatchObject({ tooLarge: 1, invalidMessages: 1 });
  });
});

describe('C03: one message in very many pieces', () => {
  it('is closed early, and memory stays flat', async () => {
    site = await Site.open();
    const client = await site.welcomed(await site.enrol('grinder'));
    const before = process.memoryUsage().rss;
    for (let sent = 0; sent < 1_000_000 && client.closeCode === undefined; sent++) {
      client.ws.send(Buffer.from([1]), { binary: true, fin: false }, () => undefined);
      if (sent % 1_000 === 0) await new Promise((done) => setImmediate(done));
    }
    expect(await client.closed()).toBe(1008);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    await expectServed(await site.enrol('bystander'));
  });
});

describe('C04: sequence numbers and acknowledgements', () => {
  it.each([
    ['repeated', [1, 1], CLOSE_CODES.SEQUENCE_BROKEN],
    ['skipped', [1, 3], CLOSE_CODES.SEQUENCE_BROKEN],
    ['reordered', [2, 1], CLOSE_CODES.SEQUENCE_BROKEN],
    ['-1', [-1], CLOSE_CODES.BATCH_INVALID],
    ['0', [0], CLOSE_CODES.BATCH_INVALID],
    ['2^53', [2 ** 53], CLOSE_CODES.BATCH_INVALID],
  ])('%s: the connection is closed, and what came in order counts once', async (_, sequences, code) => {
    site = await Site.open();
    const client = await site.welcomed(await site.enrol('agent-1'));
    for (const [n, sequence] of sequences.entries()) {
      const frame = batchOf(1, [eventLine(`event ${n}`)]);
      frame.writeBigInt64BE(BigInt(sequence), 8);
      client.ws.send(frame);
    }
    expect(await client.closed()).toBe(code);
    const inOrder = sequences[0] === 1 ? ['event 0'] : [];
    expect(ids(await site.published()).filter((id) => !inOrder.includes(id as string))).toEqual([]);
  });

  it('nothing is acknowledged before it is durable, and acknowledgements keep the order', async () => {
    const bus = createMemoryBus();
    const publish = bus.publish.bind(bus);
    const held: (() => void)[] = [];
    bus.publish = async (topic, records) => {
      if (topic === TOPICS.securityEvents) await new Promise<void>((release) => held.push(release));
      return publish(topic, records);
    };
    site = await Site.open({ bus });
    const client = await site.welcomed(await site.enrol('agent-1'));
    for (const n of [1, 2, 3]) client.ws.send(batchOf(n, [eventLine(`event ${n}`)]));
    await until('three publishes side by side', () => held.length === 3);
    held[1]?.();
    held[2]?.();
    await until('two to be durable', async () => (await site.published()).length === 2);
    await new Promise((done) => setTimeout(done, 100));
    expect(client.of('ack')).toEqual([]);
    held[0]?.();
    await until('all acknowledged', () => client.acknowledged === 3);
    expect(client.of('ack')).toEqual([{ type: 'ack', sequence: 3 }]);
  });

  it('a lost acknowledgement makes the collector send again, and every event has one id', async () => {
    site = await Site.open();
    const uplink = site.uplink(await site.enrol('agent-1'));
    const { receive } = site.pipeline;
    let cuts = 3;
    site.pipeline.receive = async (agent, batch) => {
      await receive.call(site.pipeline, agent, batch);
      // Durable, and cut before the acknowledgement.
      if (cuts-- > 0) for (const connection of site.server.connections()) site.server.cut(connection.agentId);
    };
    const sent = Array.from({ length: 10 }, (_, n) => uplink.send({ sequence: n, events: [eventLine(`event ${n}`)] }));
    await Promise.all(sent);
    const all = ids(await site.published());
    expect(all.length).toBeGreaterThan(10);
    expect(new Set(all)).toEqual(new Set(Array.from({ length: 10 }, (_, n) => `event ${n}`)));
  });
});

describe('C05: a payload that says who sent it', () => {
  it('is stamped over by the credential, and counted', async () => {
    site = await Site.open();
    const uplink = site.uplink(await site.enrol('agent-1', 'web-01', 'acme'));
    const forged = {
      'agent.id': 'agent-9',
      'host.id': 'db-01',
      'organization.id': 'other',
      'event.ingested': 1,
      _id: 'x',
    };
    const prototype = `{"@timestamp":"${new Date(T).toISOString()}","__proto__":{"organization.id":"other"}}`;
    await uplink.send({ sequence: 1, events: [eventLine('forged', forged), prototype] });
    for (const event of await site.published()) {
      expect(event).toMatchObject({ 'agent.id': 'agent-1', 'host.id': 'web-01', 'organization.id': 'acme' });
      expect(event['event.ingested']).toBe(T);
    }
    expect(site.pipeline.stats).toMatchObject({ events: 2, stampedOver: 4 });
    expect(({} as Record<string, unknown>)['organization.id']).toBeUndefined();
  });
});

describe('C06: one credential on two machines', () => {
  it('is flagged; the first keeps working, the second is told why and refused', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1', 'web-01');
    const first = await site.welcomed(token, 'original');
    const second = await site.welcomed(token, 'copy');
    expect(await second.closed()).toBe(CLOSE_CODES.CREDENTIAL_CLONED);
    expect(second.of('notice')[0]).toMatchObject({ code: 'CREDENTIAL_CLONED' });
    expect(second.of('welcome')).toEqual([]);
    expect(site.notices).toEqual([expect.objectContaining({ action: 'credential-cloned', agent: 'agent-1' })]);
    expect(site.server.stats.cloned).toBe(1);
    first.ws.send(batchOf(1, [eventLine('first')]));
    await until('an acknowledgement', () => first.acknowledged === 1);
    expect(ids(await site.published())).toEqual(['first']);
  });

  it('the same machine that comes back takes the place of its old connection at once', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    const old = await site.welcomed(token, 'same');
    const fresh = await site.welcomed(token, 'same');
    expect(await old.closed()).toBe(CLOSE_CODES.CONNECTION_REPLACED);
    fresh.ws.send(batchOf(1, [eventLine('fresh')]));
    await until('an acknowledgement', () => fresh.acknowledged === 1);
    expect(site.server.connections()).toHaveLength(1);
  });

  it('one name enrolled twice: the first row counts, the second is told of', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1', 'web-01');
    const again = { agent: 'agent-1', host: 'web-02', tenant: 'acme', tokenSha256: 'a'.repeat(64) };
    const sameHost = { agent: 'agent-2', host: 'web-01', tenant: 'acme', tokenSha256: 'b'.repeat(64) };
    const [row] = [site.credentials.find(token)];
    const first = { agent: 'agent-1', host: 'web-01', tenant: 'acme', tokenSha256: row?.tokenSha256 };
    site.writeCredentials(JSON.stringify([first, again, sameHost], null, 1));
    await until('it to be told', () => site.problems.length >= 2);
    expect(site.problems).toEqual([
      expect.stringContaining('agent agent-1 comes again'),
      expect.stringContaining('host web-01 comes again'),
    ]);
    expect(site.credentials.find(token)?.identity.host).toBe('web-01');
  });
});

describe('C07: floods', () => {
  it('wrong tokens cost one hash at most, and a long one none', async () => {
    site = await Site.open({ limits: { connectionsPerAddressPerSecond: 10_000 } });
    const token = await site.enrol('bystander');
    const wrong = Array.from({ length: 200 }, () => `fw1_${randomBytes(32).toString('base64url')}`);
    const answers = await Promise.allSettled(wrong.map((one) => site.raw(one)));
    const refused = answers.filter((one) => one.status === 'rejected' && /^Error: 401/.test(String(one.reason)));
    expect(refused).toHaveLength(200);
    for (const bad of ['', 'x', 'x'.repeat(4_000)]) await expect(site.raw(bad)).rejects.toThrow(/^401/);
    expect(site.server.stats.refusedCredentials).toBe(203);
    await expectServed(token);
  });

  it('half handshakes and an upgrade a byte at a time end after one deadline', async () => {
    site = await Site.open({ limits: { handshakeTimeoutMs: 700 } });
    const token = await site.enrol('bystander');
    const half = Array.from({ length: 50 }, () => connect(site.server.port, '127.0.0.1'));
    for (const socket of half) socket.on('error', () => undefined).write(Buffer.from([0x16, 0x03, 0x01]));
    const slow = await site.tlsSocket();
    slow.on('error', () => undefined);
    const request = 'GET /v1/collector HTTP/1.1\r\n';
    let dripped = 0;
    const drip = setInterval(() => slow.write(request.charAt(dripped++)), 100);
    await Promise.all([...half, slow].map((socket) => new Promise((done) => socket.resume().on('close', done))));
    clearInterval(drip);
    expect(site.server.stats.handshakeTimeouts).toBeGreaterThanOrEqual(51);
    const silent = await site.raw(token);
    expect(await silent.closed()).toBe(CLOSE_CODES.HELLO_MISSING);
    await expectServed(token);
  });

  it('too many connections of one address are dropped before any handshake', async () => {
    site = await Site.open({ limits: { pendingPerAddress: 20, connectionsPerAddressPerSecond: 50 } });
    const sockets = Array.from({ length: 300 }, () => connect(site.server.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await until('drops', () => site.server.stats.droppedFull + site.server.stats.droppedRate >= 280);
    for (const socket of sockets) socket.destroy();
    const token = await site.enrol('bystander');
    const enter = async () => (await site.raw(token)).ws.terminate();
    await until('room again', () =>
      enter().then(
        () => true,
        () => false,
      ),
    );
  });

  it('too many messages pause reading, and close nothing', async () => {
    site = await Site.open({ limits: { messagesPerSecond: 50 } });
    const client = await site.welcomed(await site.enrol('chatterer'));
    for (let n = 0; n < 300; n++) client.say({ type: `chat ${n}` });
    await until('a pause', () => site.server.stats.pausedForRate > 0);
    await until('every message to be answered', () => client.of('notice').length === 300);
    expect(client.closeCode).toBeUndefined();
  });
});

describe('C09: other versions', () => {
  it('an older or newer one alone is refused by name; of several the common one is taken', async () => {
    site = await Site.open();
    const token = await site.enrol('agent-1');
    for (const protocols of [['fleetwall.v0'], ['fleetwall.v2'], []]) {
      await expect(site.raw(token, { protocols })).rejects.toThrow(/400.*PROTOCOL_UNSUPPORTED.*fleetwall\.v1/);
    }
    const client = await site.raw(token, { protocols: ['fleetwall.v2', 'fleetwall.v1'] });
    expect(client.ws.protocol).toBe('fleetwall.v1');
    client.say({ type: 'hello', version: 2, instance: 'x', agentVersion: 'x', features: [], timeMs: T });
    expect(await client.closed()).toBe(CLOSE_CODES.MESSAGE_INVALID);
    expect(client.of('notice')[0]).toMatchObject({ message: expect.stringContaining('version') });
  });

  it('unknown features and fields are passed over, unknown messages refused by name', async () => {
    site = await Site.open();
    const client = await site.welcomed(await site.enrol('agent-1'), 'x', { features: ['gzip', 'later'], later: {} });
    expect(client.of('welcome')[0]).toMatchObject({ features: ['gzip'] });
    client.say({ type: 'from the future', what: 1 });
    await until('a notice', () => client.of('notice').length > 0);
    expect(client.of('notice')[0]).toMatchObject({ code: 'MESSAGE_UNKNOWN' });
    expect(client.of('notice')[0]?.['message']).toContain('from the future');
    client.ws.send(batchOf(1, [eventLine('x')]));
    await until('an acknowledgement', () => client.acknowledged === 1);
  });
});

describe('C11: messages that name classes', () => {
  it('are plain data, in events and in control messages', async () => {
    site = await Site.open();
    const client = await site.welcomed(await site.enrol('agent-1'), 'x', { __class__: 'os.system', constructor: 'x' });
    const named = eventLine('named', {
      __class__: 'os.system',
      constructor: 'x',
      toJSON: 'y',
      $type: 'System.Diagnostics',
    });
    client.ws.send(batchOf(1, [named, '{"__unhandled_exc__":{}}', '[]', '7']));
    await until('an acknowledgement', () => client.acknowledged === 1);
    expect(await site.published()).toEqual([expect.objectContaining({ toJSON: 'y', 'event.id': 'named' })]);
    expect(site.pipeline.stats.undecodable).toBe(3);
    client.say('{"type":"report","__proto__":{"armed":true},"revision":1}');
    expect(await client.closed()).toBe(CLOSE_CODES.MESSAGE_INVALID);
  });
});

it('a frame of nothing but a header, or of another kind, is no batch', async () => {
  site = await Site.open();
  const token = await site.enrol('agent-1');
  for (const frame of [Buffer.alloc(0), Buffer.alloc(BATCH_HEADER_BYTES), randomBytes(64).fill(9, 0, 1)]) {
    const client = await site.welcomed(token);
    client.ws.send(frame);
    expect(await client.closed()).toBe(CLOSE_CODES.BATCH_INVALID);
  }
});

describe("the fleet's key for names", () => {
  it('comes with the welcome', async () => {
    site = await Site.open();
    const keys: Buffer[] = [];
    site.uplink(await site.enrol('agent-1'), { onNameKey: (key) => keys.push(key) });
    await until('the key', () => keys.length > 0);
    expect(keys).toEqual([NAME_KEY]);
  });
});
