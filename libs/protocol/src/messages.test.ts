import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { DesiredBlock } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type BlockUpdate,
  CLOSE_CODES,
  chooseSubprotocol,
  decodeBatchFrame,
  decodeCollectorMessage,
  decodeGatewayMessage,
  encodeBatchFrame,
  hashOfToken,
  isNewer,
  isToken,
  joinEvents,
  newCredential,
  PROTOCOL_LIMITS,
  pinOf,
  reportOf,
  SnapshotAssembly,
  splitEvents,
} from './index.js';

const hello = { type: 'hello', version: 1, instance: 'i', agentVersion: 'v', features: [], timeMs: 1 };
const text = (value: unknown) => JSON.stringify(value);

describe('a control message', () => {
  it.each([
    ['nothing', '', 'the text is not JSON'],
    ['no object', '[]', 'no object'],
    ['no type', '{}', 'type is no text'],
    ['a missing field', text({ ...hello, instance: undefined }), 'In hello, instance is no text'],
    ['an inherited field', '{"type":"hello","__proto__":{"version":1}}', 'In hello, version is no whole number'],
    ['a text too long', text({ ...hello, instance: 'x'.repeat(257) }), 'instance is not 1 to 256 characters'],
    ['too many features', text({ ...hello, features: Array(33).fill('x') }), 'features has more than 32 items'],
    ['a number that is none', text({ ...hello, timeMs: '1' }), 'timeMs is no whole number'],
    ['another version', text({ ...hello, version: 2 }), 'version is not from 1 to 1'],
    ['a wrong position', text({ ...hello, holds: { revision: -1 } }), 'holds.revision is not from 0'],
  ])('with %s is refused, and the reason names it', (_what, message, reason) => {
    expect(() => decodeCollectorMessage(message)).toThrow(reason);
  });

  it('may bring a key for names, and no other text in its place', () => {
    const window = { batches: 1, bytes: 1 };
    const welcome = {
      type: 'welcome',
      version: 1,
      gateway: 'g',
      agent: 'a',
      host: 'h',
      tenant: 't',
      features: [],
      window,
    };
    const rest = { timeMs: 1, pingMs: 1_000, nextPins: [] };
    const nameKey = 'a1'.repeat(32);
    expect(decodeGatewayMessage(text({ ...welcome, ...rest, nameKey }))).toMatchObject({ nameKey });
    expect(decodeGatewayMessage(text({ ...welcome, ...rest }))).not.toHaveProperty('nameKey');
    for (const wrong of ['a1', 'A1'.repeat(32), 'zz'.repeat(32)])
      expect(() => decodeGatewayMessage(text({ ...welcome, ...rest, nameKey: wrong }))).toThrow('nameKey is not');
  });

  it('names where in a list the fault is', () => {
    const add = [
      { id: 'a', target: '198.51.100.7', untilMs: 1 },
      { id: 'b', untilMs: 1 },
    ];
    const delta = { type: 'delta', revision: 1, add, remove: [] };
    expect(() => decodeGatewayMessage(text(delta))).toThrow('In delta, add[1].target is no text');
  });

  it('never throws anything but MESSAGE_INVALID, whatever comes', () => {
    const types = ['hello', 'report', 'welcome', 'delta', 'snapshot.part', 'notice', 'ack', 'x'];
    const anything = fc.record({ type: fc.constantFrom(...types), version: fc.jsonValue(), add: fc.jsonValue() });
    fc.assert(
      fc.property(fc.oneof(fc.string(), anything.map(text), fc.json()), (message) => {
        for (const decode of [decodeCollectorMessage, decodeGatewayMessage]) {
          try {
            decode(message);
          } catch (error) {
            expect(error).toMatchObject({ code: 'MESSAGE_INVALID' });
          }
        }
      }),
    );
  });

  it('a report is cut to its limits and can always be read', () => {
    const exception = { id: 'x', target: 'y', state: 'refused' as const, reason: 'long '.repeat(1_000) };
    const exceptions = [{ ...exception, reason: '' }, ...Array.from({ length: 2_000 }, () => exception)];
    const report = { host: 'h', armed: true, firewall: 'nftables', revision: 1, inForce: 0, exceptions, atMs: 1 };
    const decoded = decodeCollectorMessage(text(reportOf(report, 'e')));
    expect(decoded).toMatchObject({ type: 'report', epoch: 'e' });
    expect(decoded.type === 'report' && decoded.exceptions).toHaveLength(PROTOCOL_LIMITS.exceptions);
  });
});

describe('a batch', () => {
  it('comes out as it went in', () => {
    const event = fc.string({ minLength: 2 }).map((line) => text({ line }));
    fc.assert(
      fc.property(fc.array(event, { minLength: 1 }), fc.integer({ min: 1 }), (events, sequence) => {
        const payload = joinEvents(events);
        const frame = encodeBatchFrame({
          codec: 'identity',
          events: events.length,
          sequence,
          rawBytes: payload.length,
          payload,
        });
        const batch = decodeBatchFrame(frame);
        expect(batch).toMatchObject({ sequence, events: events.length });
        expect(splitEvents(batch.payload, batch)).toEqual(events);
      }),
    );
  });

  it('of any bytes is read or refused, never anything else', () => {
    const header = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2, 3), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(header, ([kind, codec, rest]) => {
        try {
          decodeBatchFrame(Buffer.from([kind, codec, ...rest]));
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^BATCH_(INVALID|TOO_LARGE)$/);
        }
      }),
    );
  });

  it('beyond a limit is refused on both sides', () => {
    const payload = joinEvents(['{}']);
    const batch = { codec: 'identity', events: 1, sequence: 1, rawBytes: payload.length, payload } as const;
    expect(() => encodeBatchFrame({ ...batch, events: 10_001 })).toThrow('10001 events, at most 10000');
    expect(() => encodeBatchFrame({ ...batch, payload: randomBytes(PROTOCOL_LIMITS.frameBytes) })).toThrow(
      'in a message',
    );
    const frame = encodeBatchFrame(batch);
    frame.writeUInt32BE(PROTOCOL_LIMITS.batchBytes + 1, 16);
    expect(() => decodeBatchFrame(frame)).toThrow('before compression');
  });
});

describe('versions', () => {
  it.each([
    ['fleetwall.v1', 'fleetwall.v1'],
    ['fleetwall.v2, fleetwall.v1', 'fleetwall.v1'],
    ['fleetwall.v0', undefined],
    ['', undefined],
    [undefined, undefined],
    [`fleetwall.v1${' '.repeat(16_000)}`, undefined],
  ])('%s: %s', (offers, chosen) => {
    expect(chooseSubprotocol(offers)).toBe(chosen);
  });

  it('close codes are of the private range, or those of the RFC', () => {
    for (const code of Object.values(CLOSE_CODES))
      expect(code >= 4_000 ? code < 5_000 : [1009, 1012].includes(code)).toBe(true);
  });
});

describe('a snapshot in parts', () => {
  const block = (n: number): DesiredBlock => ({ id: `b${n}`, target: `198.51.100.${n}`, untilMs: 1 });

  it('is whole at its end, later parts over earlier ones', () => {
    const assembly = new SnapshotAssembly();
    expect(assembly.take({ type: 'snapshot.begin', epoch: 'e', revision: 7 })).toBeUndefined();
    expect(assembly.take({ type: 'snapshot.part', add: [block(1), block(2)], remove: [] })).toBeUndefined();
    assembly.take({ type: 'snapshot.part', add: [{ ...block(2), untilMs: 5 }], remove: ['b1'] });
    const update: BlockUpdate = { type: 'snapshot', epoch: 'e', revision: 7, blocks: [{ ...block(2), untilMs: 5 }] };
    expect(assembly.take({ type: 'snapshot.end', count: 1 })).toEqual(update);
  });

  it('that lacks something is refused; one that begins again forgets the first', () => {
    const assembly = new SnapshotAssembly();
    expect(() => assembly.take({ type: 'snapshot.part', add: [], remove: [] })).toThrow('without a beginning');
    assembly.take({ type: 'snapshot.begin', revision: 7 });
    assembly.take({ type: 'snapshot.part', add: [block(1)], remove: [] });
    assembly.take({ type: 'snapshot.begin', revision: 8 });
    expect(() => assembly.take({ type: 'snapshot.end', count: 1 })).toThrow('0 blocks came');
  });
});

describe('which blocks are newer', () => {
  it.each([
    ['nothing is held', { epoch: 'a', revision: 1 }, undefined, true],
    ['later of the same epoch', { epoch: 'a', revision: 9 }, { epoch: 'a', revision: 8 }, true],
    ['the same', { epoch: 'a', revision: 8 }, { epoch: 'a', revision: 8 }, true],
    ['older of the same epoch', { epoch: 'a', revision: 7 }, { epoch: 'a', revision: 8 }, false],
    ['another epoch', { epoch: 'b', revision: 1 }, { epoch: 'a', revision: 8 }, true],
    ['no epoch', { revision: 1 }, { revision: 8 }, true],
  ])('%s', (_what, update, held, is) => {
    expect(isNewer(update, held)).toBe(is);
  });
});

describe('a credential', () => {
  it('has a token of 256 random bits, of which only a hash is kept', () => {
    const { token, row } = newCredential({ agent: 'a', host: 'h', tenant: 't' });
    expect(isToken(token)).toBe(true);
    expect(row).toEqual({ agent: 'a', host: 'h', tenant: 't', tokenSha256: hashOfToken(token) });
    expect(newCredential({ agent: 'a', host: 'h', tenant: 't' }).token).not.toBe(token);
    for (const other of ['', 'fw1_', `${token}x`, token.slice(1), ` ${token}`]) expect(isToken(other)).toBe(false);
  });

  it('a pin is the hash of the public key, in base64', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(pinOf(publicKey)).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(pinOf(publicKey)).toBe(pinOf(publicKey));
  });
});
