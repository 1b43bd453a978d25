import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, Home } from '@fleetwall/config';
import type { FleetEvent } from '@fleetwall/core';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { NameMemory } from './name-memory.js';

let home: Home;
beforeEach(() => {
  home = new Home(mkdtempSync(join(tmpdir(), 'fleetwall-names-')));
});
afterEach(() => rmSync(home.directory, { recursive: true, force: true }));

function open(privacy: { keyFile?: string } = {}): NameMemory {
  return NameMemory.open({
    config: configSchema.parse({ privacy }),
    home,
    onError: (error) => expect(error).toBe('none'),
  });
}

const eventOf = (name: string, outcome: 'success' | 'failure') =>
  ({
    'event.original': `user=${name}`,
    'event.category': ['authentication'],
    'event.outcome': outcome,
    'host.name': 'web-01',
    'process.name': 'x',
    'user.name': name,
  }) as unknown as FleetEvent;

const nameIn = (memory: NameMemory, name: string) => memory.mask.apply(eventOf(name, 'failure'))['user.name'];

it('makes a key that nobody else may read, and keeps it with the accounts that are known', async () => {
  const first = open();
  const masked = nameIn(first, 'hunter2');
  first.mask.apply(eventOf('anna', 'success'));
  await first.close();
  expect(statSync(home.nameKey).mode & 0o777).toBe(0o600);
  expect(readFileSync(home.knownAccounts, 'utf8')).not.toContain('anna');
  const second = open();
  expect(nameIn(second, 'anna')).toBe('anna');
  expect(nameIn(second, 'hunter2')).toBe(masked);
  await second.close();
});

it("takes the fleet's key over, and keeps it", async () => {
  const first = open();
  const own = nameIn(first, 'hunter2');
  expect(first.use(Buffer.alloc(32, 9))).toBe(true);
  expect(first.use(Buffer.alloc(32, 9))).toBe(false);
  first.mask.apply(eventOf('anna', 'success'));
  await first.close();
  const second = open();
  expect(nameIn(second, 'hunter2')).not.toBe(own);
  expect(nameIn(second, 'anna')).toBe('anna');
  await second.close();
});

it('forgets accounts that were known under another key, and what it cannot read', async () => {
  const first = open();
  first.mask.apply(eventOf('anna', 'success'));
  await first.close();
  const key = join(home.directory, 'key');
  writeFileSync(key, 'ab'.repeat(32));
  expect(nameIn(open({ keyFile: key }), 'anna')).toMatch(/^~/);
  writeFileSync(home.knownAccounts, '{');
  expect(nameIn(open(), 'anna')).toMatch(/^~/);
});

it('starts under no key that is none', () => {
  const key = join(home.directory, 'key');
  writeFileSync(key, 'abc');
  expect(() => open({ keyFile: key })).toThrow(expect.objectContaining({ code: 'NAME_KEY_INVALID' }));
  expect(() => open({ keyFile: `${key}2` })).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
});
