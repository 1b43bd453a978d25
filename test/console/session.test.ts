import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, PASSWORD } from './console-site.test-support.js';

const site = new ConsoleSite();

beforeAll(async () => {
  await site.start();
});
afterAll(() => site.stop());

describe('the first administrator', () => {
  it('is created with a token that only the owner of the service can read, once', async () => {
    const path = join(site.directory, 'console-setup');
    const token = readFileSync(path, 'utf8').trim();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const wrong = await site.ask('POST', '/setup', { body: { token: `${token}x`, name: 'root', password: PASSWORD } });
    expect(wrong).toMatchObject({ status: 403, body: { code: 'SETUP_REFUSED' } });
    const body = { token, name: 'anna', password: PASSWORD };
    const both = await Promise.all([site.ask('POST', '/setup', { body }), site.ask('POST', '/setup', { body })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect(() => statSync(path)).toThrow('ENOENT');
    expect((await site.ask('POST', '/setup', { body: { ...body, name: 'eve' } })).status).toBe(403);
    expect(await site.accounts.get('eve')).toBeUndefined();
  });
});
