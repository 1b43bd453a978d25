import { newCredential } from '@fleetwall/protocol';
import { describe, expect, it } from '@jest/globals';
import { readCredentialRows } from './credential-rows.js';
import { CredentialSet } from './credentials.js';

const HASH = 'a'.repeat(64);
const row = (more = '') => `- agent: agent-1\n  host: web-01\n  tenant: acme\n  tokenSha256: ${HASH}\n${more}`;

describe('a file of credentials', () => {
  it.each([
    ['broken YAML', '- agent: [', '1:'],
    ['no list', 'agent: x', '1:1'],
    ['a row that is no row', '- x', '1:3'],
    ['an unknown field', row('  token: secret\n'), '1:3'],
    ['a name with a blank', row().replace('web-01', 'web 01'), '1:3'],
    ['a hash too short', `${row()}${row().replace(HASH, 'aa')}`, '5:3'],
    ['an alias', '- &a {agent: x}\n- *a', '1:'],
    ['a key twice', row('  agent: agent-2\n'), '5:'],
  ])('with %s is refused as a whole, and the place is named', (_what, text, place) => {
    expect(() => readCredentialRows(text, 'credentials.yml')).toThrow(
      expect.objectContaining({
        code: 'CREDENTIALS_INVALID',
        position: expect.stringMatching(`credentials.yml:${place}`),
      }),
    );
  });

  it('never shows a token that somebody put there', () => {
    expect(() => readCredentialRows(row('  token: secret\n'), 'x')).not.toThrow('secret');
  });

  it('may be empty; of rows that share something the first counts', () => {
    expect(readCredentialRows('', 'x')).toEqual({ rows: [], repeated: [] });
    const text = `${row()}${row().replace(HASH, 'b'.repeat(64)).replace('web-01', 'web-02')}`;
    const { rows, repeated } = readCredentialRows(text, 'x');
    expect(rows).toHaveLength(1);
    expect(repeated).toEqual(['x:5: agent agent-1 comes again']);
  });
});

describe('a set of credentials', () => {
  const { token, row: known } = newCredential({ agent: 'agent-1', host: 'web-01', tenant: 'acme' });

  it('finds whom a token belongs to, and nobody for another', () => {
    const set = new CredentialSet([known]);
    expect(set.find(token)?.identity).toEqual({ agentId: 'agent-1', host: 'web-01', tenant: 'acme' });
    const other = newCredential({ agent: 'agent-2', host: 'web-02', tenant: 'acme' }).token;
    for (const wrong of [other, '', 'x'.repeat(10_000), `${token} `]) expect(set.find(wrong)).toBeUndefined();
  });

  it('knows when a credential was taken away, or makes its holder somebody else', () => {
    const credential = new CredentialSet([known]).find(token);
    if (!credential) throw new Error('the token is known');
    expect(new CredentialSet([known]).holds(credential)).toBe(true);
    expect(new CredentialSet([]).holds(credential)).toBe(false);
    expect(new CredentialSet([{ ...known, tenant: 'other' }]).holds(credential)).toBe(false);
  });
});
