import { describe, expect, it } from '@jest/globals';
import { rightsOf } from './oidc-rights.js';

const OPTIONS = {
  nameClaim: 'preferred_username',
  rightsClaim: 'groups',
  rights: [
    { value: 'admins', role: 'administrator' as const },
    { value: 'desk', role: 'helpdesk' as const, tenant: 'acme' },
  ],
};
const named = (groups: unknown) => ({ preferred_username: 'nora', groups });

describe('rights by claims', () => {
  it.each([
    [['desk'], { role: 'helpdesk', tenant: 'acme' }],
    ['desk', { role: 'helpdesk', tenant: 'acme' }],
    [['others', 'desk', 'admins'], { role: 'administrator' }],
    [[7, null, 'admins'], { role: 'administrator' }],
  ])('%j gives the first row that fits', (groups, rights) => {
    expect(rightsOf(named(groups), OPTIONS)).toEqual({ name: 'nora', rights });
  });

  it.each([
    [undefined],
    [null],
    [[]],
    ['Admins'],
    ['admins,desk'],
    [[['admins']]],
    [{ admins: true }],
    [true],
    [{ 0: 'admins' }],
  ])('%j gives nothing', (groups) => {
    expect(() => rightsOf(named(groups), OPTIONS)).toThrow(expect.objectContaining({ code: 'OIDC_NOT_MAPPED' }));
  });

  it.each([undefined, '', 7, ['nora'], 'two words', '<b>', 'x'.repeat(65)])('%j is no name', (name) => {
    const claims = { preferred_username: name, groups: ['admins'] };
    expect(() => rightsOf(claims, OPTIONS)).toThrow(expect.objectContaining({ code: 'OIDC_NO_NAME' }));
  });
});
