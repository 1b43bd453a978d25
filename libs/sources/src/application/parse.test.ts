import { describe, expect, it } from '@jest/globals';
import { LineParser } from '../line-parser.js';
import { applicationLogons, logonLine } from './parse.js';

const live = { zone: 'UTC', year: { from: 2026 }, defaultHost: 'shop-01' } as const;
const result = { application: 'shop', user: 'root from 192.0.2.66', address: '198.51.100.7', timeMs: 0 } as const;

describe('logons of applications', () => {
  it('are events of the host and the application, the user as it was typed', () => {
    const parser = new LineParser({ ...live, sources: [], custom: [applicationLogons] });
    const line = logonLine({ ...result, outcome: 'failure', known: false, reason: 'no such user', session: 's1' });
    expect(parser.parse(line)).toEqual({
      '@timestamp': 0,
      'event.original': line,
      'event.kind': 'event',
      'event.module': 'application',
      'event.category': ['authentication'],
      'event.type': ['start'],
      'event.action': 'application-logon-failed',
      'event.outcome': 'failure',
      'event.reason': 'no such user',
      'host.name': 'shop-01',
      'process.name': 'shop',
      'service.name': 'shop',
      'network.application': 'http',
      'source.ip': '198.51.100.7',
      'user.name': 'root from 192.0.2.66',
      'fleetwall.user.known': false,
      'fleetwall.attempt.role': 'attempt',
      'fleetwall.evidence': 'handshake',
      'fleetwall.session.id': 's1',
    });
    const success = parser.parse(logonLine({ ...result, outcome: 'success' }));
    expect(success).toMatchObject({ 'event.outcome': 'success' });
    expect(success).not.toHaveProperty(['fleetwall.attempt.role']);
  });

  it('are no lines of any log: nobody who writes one into a file is believed', () => {
    const line = logonLine({ ...result, outcome: 'failure' });
    expect(new LineParser(live).parse(line)).toEqual({ unparsed: 'no-header' });
  });

  it('that are damaged give nothing', () => {
    const parser = new LineParser({ ...live, sources: [], custom: [applicationLogons] });
    for (const line of ['{"logon":', '{"logon":null}', '{"logon":{"user":"a","timeMs":1,"address":"evil"}}']) {
      expect(parser.parse(line)).toHaveProperty('unparsed');
    }
  });
});
