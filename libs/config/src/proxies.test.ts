import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkText, parseNetwork } from '@fleetwall/core';
import { judge } from '@fleetwall/response';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from './config-schema.js';
import { readKnownProxies } from './proxies.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'proxies-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const configOf = (options: object) => configSchema.parse(options);
const LIST = 'source: https://cdn.example.com/ips\nasOf: 2026-11-22\nnetworks: [203.0.113.0/28, "2001:db8:cd::/48"]\n';

describe('known proxies', () => {
  it('of the lists that are shipped are never blocked, and believed only where configured', async () => {
    const { trusted, exemptions } = await readKnownProxies(configOf({}));
    expect(trusted).toEqual([]);
    const verdict = (target: string) => judge(parseNetwork(target), 'fleet', exemptions);
    expect(verdict('104.16.0.1')).toEqual({ allowed: false, reason: 'a known proxy (cloudflare)' });
    expect(verdict('2a04:4e42:1::/64')).toEqual({ allowed: false, reason: 'a known proxy (fastly)' });
    expect(verdict('198.51.100.7')).toEqual({ allowed: true, except: [] });
  });

  it('A13: are refused on a host of its own, too, and a network around them is split', async () => {
    const { exemptions } = await readKnownProxies(configOf({ collector: { trustedProxies: ['203.0.113.5'] } }));
    const reason = 'a known proxy (collector.trustedProxies)';
    expect(judge(parseNetwork('203.0.113.5'), 'host', exemptions)).toEqual({ allowed: false, reason });
    expect(judge(parseNetwork('203.0.113.0/24'), 'fleet', exemptions)).toEqual({
      allowed: true,
      except: ['203.0.113.5'],
    });
  });

  it('are trusted by the name of a list, by network and by address', async () => {
    writeFileSync(join(directory, 'example.yml'), LIST);
    const trustedProxies = ['example', '10.0.0.0/8', '2001:db8::5'];
    const { trusted } = await readKnownProxies(configOf({ proxies: directory, collector: { trustedProxies } }));
    expect(trusted.map(networkText)).toEqual(['203.0.113.0/28', '2001:db8:cd::/48', '10.0.0.0/8', '2001:db8::5']);
  });

  it.each([
    ['a list that is not there', ['akamai'], /there is no list "akamai", only example/],
    ['a name that is to be looked up', ['proxy.example.com'], /not four decimal numbers/],
    ['everybody', ['0.0.0.0/0'], /0\.0\.0\.0\/0/],
    ['octal', ['010.0.0.1'], /010/],
  ])('are refused: %s', async (_, trustedProxies, message) => {
    writeFileSync(join(directory, 'example.yml'), LIST);
    const reading = readKnownProxies(configOf({ proxies: directory, collector: { trustedProxies } }));
    await expect(reading).rejects.toMatchObject({ code: 'PROXIES_INVALID', message: expect.stringMatching(message) });
  });

  it.each([
    ['no source', 'asOf: 2026-11-22\nnetworks: [203.0.113.0/28]\n', /source/],
    ['no network', 'source: https://cdn.example.com/\nasOf: 2026-11-22\nnetworks: []\n', /networks/],
    ['a network that is none', LIST.replace('203.0.113.0/28', '203.0.113.0/33'), /prefix length/],
    ['no YAML', 'a: [', /example\.yml/],
  ])('a list with %s is refused with its file', async (_, text, message) => {
    writeFileSync(join(directory, 'example.yml'), text);
    const reading = readKnownProxies(configOf({ proxies: directory }));
    await expect(reading).rejects.toMatchObject({ code: 'PROXIES_INVALID', message: expect.stringMatching(message) });
  });

  it('a directory that is not there is refused', async () => {
    const reading = readKnownProxies(configOf({ proxies: join(directory, 'none') }));
    await expect(reading).rejects.toMatchObject({ code: 'PROXIES_INVALID' });
  });
});
