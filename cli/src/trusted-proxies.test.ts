import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnparsedCounts } from '@fleetwall/sources';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Output } from './output.js';
import { parseFiles } from './parse-files.js';
import { LogFile } from './replay/log-file.js';
import { ReplayStream } from './replay/replay-stream.js';
import { readNamedProxies } from './trusted-proxies.js';

const PROXY = '203.0.113.5';
const CLIENT = '198.51.100.7';
const COMBINED = `${PROXY} - admin [22/Nov/2026:07:00:00 +0000] "GET / HTTP/1.1" 401 188 "-" "x" "192.0.2.66, ${CLIENT}"`;
const BY_SYSLOG = `Nov 22 07:00:00 web-01 nginx: ${COMBINED}`;

const directory = mkdtempSync(join(tmpdir(), 'fleetwall-proxies-'));
afterAll(() => rmSync(directory, { recursive: true }));

function fileOf(line: string): string {
  const path = join(directory, `${line.length}.log`);
  writeFileSync(path, `${line}\n`);
  return path;
}

describe('proxies that an option names', () => {
  it('are networks, addresses and lists by their names', async () => {
    const named = await readNamedProxies(['203.0.113.0/28', '2001:db8::5', 'cloudflare']);
    for (const address of [PROXY, '2001:db8::5']) expect(named?.trustedProxies.has(address)).toBe(true);
    expect(named?.trustedProxies.networks.length).toBeGreaterThan(10);
    expect(named?.trustedProxies.has('203.0.113.16')).toBe(false);
    expect(await readNamedProxies(undefined)).toBeUndefined();
  });

  it.each(['cloudfare', '10.0.0.0/99', ''])('that do not exist are refused by name: %j', async (text) => {
    const refused = readNamedProxies(['203.0.113.5', text]);
    await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(refused).rejects.toThrow(`--trusted-proxy`);
  });

  it.each([
    ['of a file', COMBINED],
    ['by syslog', BY_SYSLOG],
  ])('are believed by parse and by replay about their clients: an access line %s', async (_, line) => {
    const written: string[] = [];
    const output = { write: async (text: string) => void written.push(text) } as unknown as Output;
    const options = { zone: 'UTC', fromYear: '2026' };
    await parseFiles([fileOf(line)], { ...options, trustedProxy: [PROXY] }, output);
    await parseFiles([fileOf(line)], options, output);
    expect(written.map((text) => JSON.parse(text)['source.ip'])).toEqual([CLIENT, PROXY]);
    expect(await replayed(line, [PROXY])).toEqual([CLIENT]);
    expect(await replayed(line, undefined)).toEqual([PROXY]);
  });
});

async function replayed(line: string, proxies: string[] | undefined): Promise<(string | undefined)[]> {
  const addresses: (string | undefined)[] = [];
  const named = await readNamedProxies(proxies);
  const stream = new ReplayStream(new LogFile(fileOf(line), 'text'), 0, {
    zone: 'UTC',
    fromYear: 2026,
    custom: [],
    trustedProxies: named?.trustedProxies,
    useOf: () => 'read',
    matters: () => true,
    add: ({ event }) => addresses.push(event?.['source.ip']),
  });
  await stream.next({ lines: 0, events: 0, firstMs: 0, lastMs: 0, unparsed: new UnparsedCounts() });
  return addresses;
}
