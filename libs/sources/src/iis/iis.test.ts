import { describe, expect, it } from '@jest/globals';
import { LineParser } from '../line-parser.js';
import { TrustedProxies } from '../proxy/trusted-proxies.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';
const PROXY = '203.0.113.5';
const FIELDS = '#Fields: date time s-ip cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status';

function addressOf(peer: string, forwardedFor: string, column = 'X-Forwarded-For'): unknown {
  const parser = new LineParser({
    zone: 'UTC',
    year: { from: 2026 },
    defaultHost: 'h',
    trustedProxies: TrustedProxies.of(PROXY),
  });
  parser.parse(`${FIELDS} ${column}`);
  const event = parser.parse(`2026-11-22 07:00:00 203.0.113.10 GET / admin ${peer} 401 1 1326 ${forwardedFor}`);
  expect(event).toMatchObject({ 'event.outcome': 'failure', 'user.name': 'admin' });
  return 'unparsed' in event ? undefined : event['source.ip'];
}

describe('A13: X-Forwarded-For in a column of IIS', () => {
  it.each([
    ['of a stranger is not believed', REAL, VICTIM, REAL],
    ['of a trusted proxy is', PROXY, REAL, REAL],
    ['of a trusted proxy is read from the right', PROXY, `${VICTIM},+${REAL}`, REAL],
    ['of a trusted proxy that says nothing is the proxy', PROXY, '-', PROXY],
    ['of a trusted proxy that cannot be read is nobody', PROXY, 'unknown', undefined],
    ['has a port', PROXY, `${REAL}:50123`, REAL],
  ])('%s', (_what, peer, forwardedFor, expected) => {
    expect(addressOf(peer, forwardedFor)).toBe(expected);
  });

  it('has the names that administrators give it', () => {
    for (const column of ['x-forwarded-for', 'cs(X-Forwarded-For)', 'XFF']) {
      expect(addressOf(PROXY, REAL, column)).toBe(REAL);
    }
  });
});

describe('a logon of IIS that goes on', () => {
  it('is told of once, and again after an hour without a request', () => {
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h' });
    parser.parse(FIELDS);
    const actionAt = (time: string) => {
      const event = parser.parse(`2026-11-22 ${time} 203.0.113.10 GET / alice ${REAL} 200 0 0`);
      return 'unparsed' in event ? event.unparsed : event['event.action'];
    };
    expect(['07:00:00', '07:30:00', '08:29:00', '10:00:00'].map(actionAt)).toEqual([
      'http-logon',
      'not-relevant',
      'not-relevant',
      'http-logon',
    ]);
  });
});
