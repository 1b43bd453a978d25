import { describe, expect, it } from '@jest/globals';
import { blockBody, entryBody, parseAllowed, parseBody, parseDuration, parseTarget } from './requests.js';

describe('requests over the control socket', () => {
  it.each(['0.0.0.0/0', '::/0', '::ffff:0:0/96', '0.0.0.0/7', '2000::/3'])('F06: %s is not allowed', (target) => {
    expect(() => parseAllowed(target)).toThrow(expect.objectContaining({ code: 'ALLOW_REFUSED' }));
    expect(() => parseAllowed(target)).toThrow(/^\S+ is not put on the allowlist: /);
  });

  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['192.0.2.66/24', '192.0.2.0/24'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:DB8::7', '2001:db8::7'],
    ['fd00:1::/32', 'fd00:1::/32'],
  ])('%s is allowed as %s', (text, target) => expect(parseAllowed(text)).toBe(target));

  it.each(['evil.example', '192.0.2.1; flush ruleset', 'fe80::1%eth0', '010.1', '../../x.yml'])(
    'B03, B04, B05: %j is no target',
    (target) => {
      expect(() => parseTarget(target)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
      expect(() => parseAllowed(target)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
    },
  );

  it.each(['-1', '0', '0s', 'NaN', '1e999', '9223372036854775808s', '9999-12-31', '400d', '', '1w'])(
    'B11: %j is no duration',
    (duration) => {
      expect(() => parseDuration(duration)).toThrow(expect.objectContaining({ code: 'DURATION_INVALID' }));
    },
  );

  it.each([
    [blockBody, {}, /target/],
    [blockBody, { target: 7 }, /target/],
    [blockBody, { target: R(501) }, /target/],
    [blockBody, { target: '198.51.100.7', until: 1 }, /until/],
    [entryBody, { target: '198.51.100.7' }, /reason/],
    [blockBody, JSON.parse('{"__proto__": {"target": "198.51.100.7"}}'), /./],
    [blockBody, [], /./],
    [blockBody, 'x', /./],
  ])('a body that is wrong names the field (%#)', (schema, body, message) => {
    expect(() => parseBody(schema, body)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
    expect(() => parseBody(schema, body)).toThrow(message);
  });
});

function R(length: number): string {
  return 'x'.repeat(length);
}
