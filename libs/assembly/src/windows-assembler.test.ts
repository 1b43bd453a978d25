import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Assembler } from './assembler.js';

const T = Date.UTC(2026, 10, 22, 7);
const R = '198.51.100.7';
const V = '192.0.2.66';

let recordId = 0;

function windowsEvent(atS: number, code: string, fields: Partial<FleetEvent>): FleetEvent {
  recordId++;
  return {
    '@timestamp': T + Math.round(atS * 1_000),
    'event.original': `<Event>${recordId}</Event>`,
    'event.kind': 'event',
    'event.module': 'windows',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'windows-logon-failed',
    'event.code': code,
    'host.name': 'web-03',
    'process.name': 'Microsoft-Windows-Security-Auditing',
    'fleetwall.evidence': 'handshake',
    'winlog.channel': 'Security',
    'winlog.record_id': recordId,
    ...fields,
  };
}

/** 4625 over Network Level Authentication: no process, and here no address. */
const failure = (atS: number, more: Partial<FleetEvent> = {}) =>
  windowsEvent(atS, '4625', {
    'event.outcome': 'failure',
    'fleetwall.attempt.role': 'attempt',
    'user.name': 'Administrator',
    'winlog.logon.type': 'Network',
    ...more,
  });

const connection = (atS: number, ip: string, more: Partial<FleetEvent> = {}) =>
  windowsEvent(atS, '131', { 'event.action': 'rdp-connection', 'source.ip': ip, ...more });

const refusal = (atS: number, ip: string) =>
  windowsEvent(atS, '140', {
    'event.action': 'rdp-logon-failed',
    'event.outcome': 'failure',
    'fleetwall.attempt.role': 'part',
    'source.ip': ip,
  });

const validation = (atS: number, user = 'administrator') =>
  windowsEvent(atS, '4776', {
    'event.action': 'ntlm-validation-failed',
    'event.outcome': 'failure',
    'fleetwall.attempt.role': 'part',
    'user.name': user,
  });

const preAuth = (atS: number, ip: string, user = 'administrator') =>
  windowsEvent(atS, '4771', {
    'event.action': 'kerberos-preauth-failed',
    'event.outcome': 'failure',
    'fleetwall.attempt.role': 'attempt',
    'fleetwall.evidence': 'spoofable',
    'user.name': user,
    'source.ip': ip,
  });

const sql = (atS: number, ip: string, user: string) =>
  windowsEvent(atS, '18456', {
    'event.action': 'mssql-logon-failed',
    'event.outcome': 'failure',
    'fleetwall.attempt.role': 'attempt',
    'user.name': user,
    'source.ip': ip,
    'winlog.channel': 'Application',
  });

/** All events through one assembler; what still waits at the end has waited long enough. */
function takeAll(events: FleetEvent[], assembler = new Assembler()): FleetEvent[] {
  const ready = events.flatMap((event) => assembler.take(event));
  return [...ready, ...assembler.release(Number.MAX_SAFE_INTEGER)];
}

function failuresOf(events: FleetEvent[], assembler?: Assembler): FleetEvent[] {
  return takeAll(events, assembler).filter((event) => event['event.code'] === '4625');
}

const triesOf = (events: FleetEvent[]) => new Set(events.flatMap((event) => event['fleetwall.attempt.id'] ?? [])).size;

describe('the address of a failed logon that names none', () => {
  it.each<[string, FleetEvent[]]>([
    ['15 seconds before', [connection(0, R), failure(15)]],
    ['2 seconds after', [failure(0), connection(2, R)]],
    ['several times', [connection(1, R), connection(5, R), failure(6), refusal(6.5, R)]],
  ])('is that of the one peer that was there, %s', (_, events) => {
    expect(failuresOf(events)).toEqual([
      expect.objectContaining({
        'source.ip': R,
        'fleetwall.source.recovered': true,
        'fleetwall.source_ip.confidence': 'recovered',
        'fleetwall.source_ip.from': 'rdp-connection',
        'fleetwall.evidence': 'handshake',
      }),
    ]);
  });

  it.each<[string, FleetEvent[]]>([
    ['two peers were there', [connection(0, R), connection(1, V), failure(2)]],
    ['a second one comes within the wait', [connection(0, R), failure(1), connection(2.5, V)]],
    ['Kerberos tells of another', [connection(0, R), preAuth(0.5, V), failure(1)]],
    ['one was refused while another connected', [connection(0, V), refusal(1, R), failure(1.2)]],
  ])('stays unknown where %s', (_, events) => {
    const [event] = failuresOf(events);
    expect(event?.['source.ip']).toBeUndefined();
    expect(event?.['fleetwall.source_ip.confidence']).toBe('ambiguous');
  });

  it.each<[string, FleetEvent[]]>([
    ['nobody was there', [failure(1)]],
    ['the peer came too early', [connection(0, R), failure(15.1)]],
    ['the peer came too late', [failure(0), connection(2.1, R)]],
    ['the connection is over UDP', [connection(0, R, { 'fleetwall.evidence': 'spoofable' }), failure(1)]],
    ['another computer told of it', [connection(0, R, { 'winlog.computer_name': 'other' }), failure(1)]],
    ['a service failed', [connection(0, R), failure(1, { 'winlog.logon.type': 'Service' })]],
    ['a program asked', [connection(0, R), failure(1, { 'process.executable': 'C:\\x.exe' })]],
  ])('stays unknown where %s', (_, events) => {
    const [event] = failuresOf(events);
    expect(event).toBeDefined();
    expect(event?.['source.ip']).toBeUndefined();
    expect(event?.['fleetwall.source_ip.confidence']).toBeUndefined();
  });

  it('of one connection is given to three failures at most: the rest fails for another reason', () => {
    const events = [connection(0, V), ...Array.from({ length: 10 }, (_, i) => failure(1 + i))];
    expect(failuresOf(events).filter((event) => event['source.ip'] === V)).toHaveLength(3);
  });

  it('is not known in a flood of peers', () => {
    const many = Array.from({ length: 200 }, (_, i) => connection(i / 100, `198.51.100.${i}`));
    expect(failuresOf([...many, failure(3)])[0]?.['fleetwall.source_ip.confidence']).toBe('ambiguous');
  });

  it('is that of many connections of one peer', () => {
    const many = Array.from({ length: 300 }, (_, i) => connection(i / 100, R));
    expect(failuresOf([...many, failure(3)])[0]?.['source.ip']).toBe(R);
  });

  it('comes from Kerberos where RDP tells nothing, and is no more certain than that', () => {
    const [event] = failuresOf([preAuth(0, R), failure(2.5)]);
    expect(event).toMatchObject({ 'source.ip': R, 'fleetwall.evidence': 'spoofable' });
    expect(failuresOf([preAuth(0, R, 'bob'), failure(2.5)])[0]?.['source.ip']).toBeUndefined();
  });

  it('comes from SQL Server, whose record is about the same try', () => {
    const [event] = failuresOf([
      sql(0, R, 'app'),
      failure(0.1, { 'user.name': 'APP', 'process.executable': 'C:\\sqlservr.exe', 'process.name': 'sqlservr.exe' }),
    ]);
    expect(event).toMatchObject({ 'source.ip': R, 'fleetwall.source_ip.from': 'mssql-logon-failed' });
  });

  it.each([
    ['w3wp.exe', 'iis'],
    ['Microsoft.Exchange.Imap4.exe', 'exchange'],
    ['sqlservr.exe', 'mssql'],
    ['sshd.exe', 'openssh'],
  ])('of %s is to be looked for in %s', (name, hint) => {
    const [event] = failuresOf([connection(0, R), failure(1, { 'process.executable': name, 'process.name': name })]);
    expect(event?.['source.ip']).toBeUndefined();
    expect(event?.['fleetwall.source_ip.hint']).toBe(hint);
  });

  it('is left as it is where the record has one', () => {
    const [event] = failuresOf([connection(0, V), failure(1, { 'source.ip': R })]);
    expect(event).toMatchObject({ 'source.ip': R });
    expect(event?.['fleetwall.source_ip.confidence']).toBeUndefined();
  });
});

describe('waiting', () => {
  it('takes two seconds, and only failures without an address', () => {
    const assembler = new Assembler();
    expect(assembler.take(failure(0, { 'source.ip': R }))).toHaveLength(1);
    expect(assembler.take(validation(0))).toHaveLength(1);
    expect(assembler.take(failure(0))).toEqual([]);
    expect(assembler.release(T + 2_000)).toEqual([]);
    expect(assembler.release(T + 2_001)).toHaveLength(1);
    expect(assembler.release(T + 2_001)).toEqual([]);
  });

  it('of one host is not ended by the clock of another', () => {
    const assembler = new Assembler();
    assembler.take(failure(0));
    expect(assembler.take(connection(3_600, R, { 'host.name': 'web-04' }))).toHaveLength(1);
    expect(assembler.take(connection(2.1, V))).toHaveLength(2);
  });

  it('is bounded: nothing is lost, and the oldest goes on without an address', () => {
    const assembler = new Assembler();
    const events = Array.from({ length: 1_000 }, () => failure(0));
    const early = events.flatMap((event) => assembler.take(event));
    expect(early).toHaveLength(1_000 - 256);
    expect(assembler.release(T + 3_000)).toHaveLength(256);
    expect(assembler.snapshot().length).toBeLessThan(100_000);
  });

  it('goes on after a restart', () => {
    const assembler = new Assembler();
    const events = [connection(0, R), failure(1)];
    for (const event of events) assembler.take(event);
    const restored = new Assembler();
    restored.restore(assembler.snapshot());
    expect(restored.release(T + 4_000)).toEqual([expect.objectContaining({ 'source.ip': R })]);
  });
});

describe('one try', () => {
  it.each<[string, FleetEvent[], number]>([
    ['4776 and 4625', [validation(0), failure(0.1)], 1],
    ['4625 and 4776', [failure(0), validation(0.1)], 1],
    ['4625, 4776 and 18456', [validation(0), failure(0.1), sql(0.2, R, 'Administrator')], 1],
    ['4625 and 140', [failure(0, { 'source.ip': R }), refusal(0.1, R)], 1],
    ['140 and 4625', [refusal(0, R), failure(0.1)], 1],
    ['two of each', [validation(0), failure(0), validation(1), failure(1)], 2],
    ['another account', [validation(0, 'bob'), failure(0)], 2],
    ['another peer', [failure(0, { 'source.ip': V }), refusal(0.1, R)], 2],
    ['much later', [validation(0), failure(2.1)], 2],
    ['140 and 4776 alone', [refusal(0, R), validation(0)], 2],
  ])('is told of by several records: %s', (_, events, expected) => {
    expect(triesOf(takeAll(events))).toBe(expected);
    expect(triesOf(events.map((event) => new Assembler().assemble({ ...event })))).toBe(events.length);
  });

  it('has the same id whenever its record is read', () => {
    const event = failure(0, { 'source.ip': R });
    const [first, second] = [new Assembler(), new Assembler()].map((one) => one.assemble({ ...event }));
    expect(first?.['fleetwall.attempt.id']).toMatch(/^[0-9a-f]{12}$/);
    expect(second?.['fleetwall.attempt.id']).toBe(first?.['fleetwall.attempt.id']);
    const other = new Assembler().assemble({ ...event, '@timestamp': T + 1 });
    expect(other['fleetwall.attempt.id']).not.toBe(first?.['fleetwall.attempt.id']);
  });

  it('is marked without waiting where nobody can wait, and then without an address', () => {
    const assembler = new Assembler();
    assembler.assemble(connection(0, R));
    const event = assembler.assemble(failure(1));
    expect(event['fleetwall.attempt.id']).toBeDefined();
    expect(event['source.ip']).toBeUndefined();
  });
});

const story = fc.array(
  fc.record({
    gapMs: fc.integer({ min: 0, max: 6_000 }),
    kind: fc.constantFrom('131', '140', '4625', '4625', '4776', '4771'),
    ip: fc.constantFrom(R, V, '198.51.100.8'),
    user: fc.constantFrom('administrator', 'bob'),
  }),
  { maxLength: 40 },
);

function eventsOf(steps: typeof story extends fc.Arbitrary<infer S> ? S : never): FleetEvent[] {
  recordId = 0;
  let atS = 0;
  return steps.map(({ gapMs, kind, ip, user }) => {
    atS += gapMs / 1_000;
    if (kind === '131') return connection(atS, ip);
    if (kind === '140') return refusal(atS, ip);
    if (kind === '4776') return validation(atS, user);
    return kind === '4771' ? preAuth(atS, ip, user) : failure(atS, { 'user.name': user });
  });
}

describe('whatever comes', () => {
  it('a recovered address is that of the only peer within the window, by every record there is', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const events = eventsOf(steps);
        for (const event of failuresOf(events)) {
          const ip = event['source.ip'];
          if (ip === undefined) continue;
          const timeMs = event['@timestamp'];
          const near = events.filter(
            (other) => other['@timestamp'] >= timeMs - 15_000 && other['@timestamp'] <= timeMs + 2_000,
          );
          const told = near.filter(
            (other) =>
              ['131', '140'].includes(other['event.code'] as string) ||
              (other['event.code'] === '4771' && other['user.name'] === event['user.name']),
          );
          expect(new Set(told.map((other) => other['source.ip']))).toEqual(new Set([ip]));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('no event is lost, none comes twice, and a snapshot in between changes nothing', () => {
    fc.assert(
      fc.property(story, fc.nat(40), (steps, cut) => {
        const whole = takeAll(eventsOf(steps));
        expect(whole).toHaveLength(steps.length);
        expect(new Set(whole.map((event) => event['winlog.record_id'])).size).toBe(steps.length);
        let assembler = new Assembler();
        const parts = eventsOf(steps).flatMap((event, i) => {
          if (i === cut) {
            const restored = new Assembler();
            restored.restore(assembler.snapshot());
            assembler = restored;
          }
          return assembler.take(event);
        });
        expect([...parts, ...assembler.release(Number.MAX_SAFE_INTEGER)]).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});
