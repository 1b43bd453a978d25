import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ReverseNames } from '../../services/console/src/origins/reverse-names.js';
import { labelsOf, NameServer, type Say } from './name-server.test-support.js';

const HOSTILE: [string, Buffer[]][] = [
  ['markup', [Buffer.from('<img src=x onerror=alert(1)>'), Buffer.from('example')]],
  ['an override of direction', [Buffer.from('\u202egpj.example'), Buffer.from('net')]],
  ['controls', [Buffer.from('\x1b]0;owned\x07\r\n'), Buffer.from('example')]],
  ['a dot within a label', [Buffer.from('www.example.com'), Buffer.from('evil'), Buffer.from('example')]],
  ['bytes that are no text', [Buffer.from([0xff, 0xfe, 0x00, 0x80]), Buffer.from('example')]],
  ['quotes, commas and a formula', [Buffer.from('=cmd|"/c calc",'), Buffer.from('example')]],
];

const PEER = '203.0.113.7';
const PEER_POINTER = '7.113.0.203.in-addr.arpa';

describe('reverse names', () => {
  let say: Say = () => undefined;
  const server = new NameServer((type, name) => say(type, name));
  let nowMs = 1_000_000;
  let names: ReverseNames;

  beforeAll(() => server.start());
  afterAll(() => server.stop());
  beforeEach(() => {
    names = new ReverseNames({ isAllowed: true, resolvers: [server.place], clock: () => nowMs });
    server.asked.length = 0;
  });

  /** PTR records of the peer, and addresses by name. */
  function told(pointers: string[], addresses: Record<string, string[]> = {}): Say {
    return (type, name) => (type === 'PTR' ? pointers.map(labelsOf) : addresses[name]);
  }

  it('nobody is asked where it is not allowed', async () => {
    const silent = new ReverseNames({ isAllowed: false, resolvers: [server.place], clock: () => nowMs });
    expect(await silent.of(PEER)).toEqual({ state: 'off', names: [] });
    expect(server.asked).toEqual([]);
  });

  it('a name is confirmed when it leads back to the address, and only then', async () => {
    const pointers = ['mail.example.net', 'bank.example', 'gone.example'];
    say = told(pointers, { 'mail.example.net': ['192.0.2.1', PEER], 'bank.example': ['192.0.2.1'] });
    expect(await names.of(PEER)).toEqual({
      state: 'named',
      names: [
        { name: 'mail.example.net', isConfirmed: true },
        { name: 'bank.example', isConfirmed: false },
        { name: 'gone.example', isConfirmed: false },
      ],
    });
    expect(server.asked[0]).toBe(`PTR ${PEER_POINTER}`);
  });

  it('IPv6 is asked for by its digits', async () => {
    say = (type) => (type === 'PTR' ? [labelsOf('six.example')] : ['2001:db8:0:0:0:0:0:7']);
    expect(await names.of('2001:db8::7')).toEqual({
      state: 'named',
      names: [{ name: 'six.example', isConfirmed: true }],
    });
    expect(server.asked).toEqual([
      'PTR 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
      'AAAA six.example',
    ]);
  });

  it('is asked once an hour, by all who look at the same moment together', async () => {
    say = told(['a.example']);
    await Promise.all([names.of(PEER), names.of(PEER)]);
    await names.of(PEER);
    expect(server.asked).toEqual([`PTR ${PEER_POINTER}`, 'A a.example']);
    nowMs += 3_600_000;
    await names.of(PEER);
    expect(server.asked).toHaveLength(4);
  });

  it('an address without a name has none, and that is kept too', async () => {
    say = () => undefined;
    expect(await names.of(PEER)).toEqual({ state: 'unnamed', names: [] });
    await names.of(PEER);
    expect(server.asked).toHaveLength(1);
  });

  it('a server that does not answer is waited for two seconds, and asked again after a minute', async () => {
    say = () => 'silent';
    const startMs = performance.now();
    expect(await names.of(PEER)).toEqual({ state: 'failed', names: [] });
    expect(performance.now() - startMs).toBeLessThan(4_000);
    await names.of(PEER);
    const before = server.asked.length;
    nowMs += 60_000;
    say = told(['late.example']);
    expect((await names.of(PEER)).state).toBe('named');
    expect(server.asked.length).toBeGreaterThan(before);
  });

  it('a name whose own server does not answer is shown as not confirmed, in the same two seconds', async () => {
    say = (type) => (type === 'PTR' ? [labelsOf('slow.example')] : 'silent');
    const startMs = performance.now();
    expect(await names.of(PEER)).toEqual({ state: 'named', names: [{ name: 'slow.example', isConfirmed: false }] });
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });

  it('is asked 30 times a minute at most, and four times at once', async () => {
    say = () => undefined;
    const atOnce = await Promise.all(Array.from({ length: 10 }, (_, i) => names.of(`192.0.2.${i}`)));
    expect(atOnce.filter(({ state }) => state === 'busy')).toHaveLength(6);
    for (let i = 10; i < 60; i++) await names.of(`192.0.2.${i}`);
    expect(server.asked).toHaveLength(30);
    expect(await names.of('192.0.2.200')).toEqual({ state: 'busy', names: [] });
    nowMs += 2_000;
    expect((await names.of('192.0.2.200')).state).toBe('unnamed');
  });

  it.each(HOSTILE)('%s in a name breaks nothing, and never is confirmed by itself', async (_, labels) => {
    say = (type) => (type === 'PTR' ? [labels] : undefined);
    const answer = await names.of(PEER);
    expect(['named', 'failed', 'unnamed']).toContain(answer.state);
    for (const { name, isConfirmed } of answer.names) {
      expect(isConfirmed).toBe(false);
      expect(name).not.toBe('www.example.com.evil.example');
      expect(name.length).toBeLessThanOrEqual(1_024);
    }
  });

  it('a name of 255 bytes is whole, one of other scripts stays as the DNS has it, and of a hundred there are three', async () => {
    const long = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.');
    say = told([long, 'xn--80ak6aa92e.example', ...Array.from({ length: 20 }, (_, i) => `host-${i}.example`)]);
    const answer = await names.of(PEER);
    expect(answer.names.map(({ name }) => name)).toEqual([long, 'xn--80ak6aa92e.example', 'host-0.example']);
  });
});
