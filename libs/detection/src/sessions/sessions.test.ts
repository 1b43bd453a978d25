import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { sessionsOf } from './sessions.js';

const T = Date.UTC(2026, 10, 22, 12);
const R = '198.51.100.7';

const eventOf = (atMs: number, fields: Partial<FleetEvent>): FleetEvent => ({
  '@timestamp': T + atMs,
  'event.original': 'x',
  'event.kind': 'event',
  'event.module': 'sshd',
  'event.category': ['session'],
  'event.type': ['start'],
  'event.action': 'session-opened',
  'host.name': 'web-01',
  'process.name': 'sshd',
  'fleetwall.evidence': 'handshake',
  ...fields,
});

const logon = (atMs: number, pid: number, user = 'alice', fields: Partial<FleetEvent> = {}) =>
  eventOf(atMs, {
    'event.category': ['authentication'],
    ...{ 'event.outcome': 'success', 'source.ip': R, 'user.name': user, 'process.pid': pid, ...fields },
  });
const closed = (atMs: number, pid: number) =>
  eventOf(atMs, { 'event.type': ['end'], 'process.pid': pid, 'user.name': 'alice' });
const managed = (atMs: number, id: string, type: 'start' | 'end', user?: string) =>
  eventOf(atMs, {
    'event.type': [type],
    'process.pid': 600,
    'fleetwall.session.id': id,
    ...(user && { 'user.name': user }),
  });

describe('sessions', () => {
  it('last from the logon to the end of the process that served it', () => {
    const told = [logon(0, 41), eventOf(10, { 'process.pid': 41, 'user.name': 'alice' }), closed(60_000, 41)];
    const expected = [{ account: 'alice', address: R, host: 'web-01', fromMs: T, untilMs: T + 60_000 }];
    expect(sessionsOf(told)).toEqual(expected);
    expect(sessionsOf([...told, ...told].reverse())).toEqual(expected);
  });

  it('are one, whoever else tells of it', () => {
    const told = [logon(0, 41), managed(50, '7', 'start', 'alice'), closed(60_000, 41), managed(60_100, '7', 'end')];
    expect(sessionsOf(told)).toMatchObject([{ id: '7', address: R, untilMs: T + 60_000 }]);
  });

  it('are not joined where two could be meant', () => {
    const told = [logon(0, 41), logon(10, 42), managed(50, '7', 'start', 'alice'), managed(70, '7', 'end')];
    expect(sessionsOf(told).map(({ address, id, untilMs }) => [address, id, untilMs])).toEqual([
      [R, undefined, undefined],
      [R, undefined, undefined],
      [undefined, '7', T + 70],
    ]);
  });

  it('are open while no end is told, also when the process number is used again', () => {
    const sessions = sessionsOf([logon(0, 41), logon(90_000, 41, 'bob')]);
    expect(sessions.map(({ account, untilMs }) => [account, untilMs])).toEqual([
      ['alice', undefined],
      ['bob', undefined],
    ]);
  });

  it('of Windows have the id of the logon', () => {
    const id = { 'fleetwall.session.id': '0x3e7a1' };
    const off = eventOf(5_000, { 'event.type': ['end'], 'user.name': 'alice', ...id });
    expect(sessionsOf([logon(0, 4, 'alice', id), off])).toEqual([
      { account: 'alice', address: R, host: 'web-01', fromMs: T, untilMs: T + 5_000, id: '0x3e7a1' },
    ]);
    expect(sessionsOf([off])).toEqual([{ account: 'alice', host: 'web-01', untilMs: T + 5_000, id: '0x3e7a1' }]);
  });

  it('are not what cron opens, nor a logon that failed', () => {
    const cron = eventOf(0, { 'process.pid': 9, 'user.name': 'root' });
    expect(sessionsOf([cron, closed(10, 9), logon(20, 41, 'eve', { 'event.outcome': 'failure' })])).toEqual([]);
  });
});
