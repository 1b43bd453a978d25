import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { isUnparsed } from '../source.js';
import { mapWindowsRecord } from './map-record.js';
import type { WindowsRecord } from './record.js';
import { parseEventXml } from './xml/read-event-xml.js';

const samples = fileURLToPath(new URL('./samples', import.meta.url));
const names = readdirSync(samples).filter((name) => name.endsWith('.xml'));

/** As it stands in the expected file; the original is the sample itself. */
function told(record: WindowsRecord): unknown {
  const read = mapWindowsRecord(record, { host: 'sample-host' });
  if (isUnparsed(read)) return read;
  expect(read['event.original']).toBe(record.xml());
  return { ...JSON.parse(encodeEvent(read)), 'event.original': '(the record)' };
}

function recordsOf(text: string): WindowsRecord[] {
  return parseEventXml(text, (damage) => {
    throw new Error(`not read: ${JSON.stringify(damage)}`);
  });
}

describe('golden samples of windows', () => {
  it.each(names)('%s gives the expected events', (name) => {
    const actual = recordsOf(readFileSync(join(samples, name), 'utf8')).map(told);
    const path = join(samples, name.replace(/\.xml$/, '.expected.json'));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${JSON.stringify(actual, null, 2)}\n`);
    if (!existsSync(path)) throw new Error(`${path} is missing: write it with npm run golden -- --update`);
    expect(actual).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });
});

describe('a value with characters that XML does not allow', () => {
  it.each(['\u0001', '\u001b', '&#1;', '&#x1b;', '&#27;'])(
    'is read all the same, and so is what follows: %j',
    (text) => {
      const xml = readFileSync(join(samples, 'logon.xml'), 'utf8').split('\n')[0] ?? '';
      const [record] = recordsOf(xml.replace('Administrator', () => `a${text}b`));
      expect(record && mapWindowsRecord(record, { host: 'h' })).toMatchObject({
        'user.name': expect.stringMatching(/^a.+b$/s),
        'source.ip': '198.51.100.7',
      });
    },
  );
});
