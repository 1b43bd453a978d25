import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { isUnparsed } from '../source.js';
import { recordOfXml } from './event-xml.test-support.js';
import { mapWindowsRecord } from './map-record.js';

const samples = fileURLToPath(new URL('./samples', import.meta.url));
const names = readdirSync(samples).filter((name) => name.endsWith('.xml'));

/** As it stands in the expected file; the original is the sample itself. */
function told(xml: string): unknown {
  const read = mapWindowsRecord(recordOfXml(xml), { host: 'sample-host' });
  if (isUnparsed(read)) return read;
  expect(read['event.original']).toBe(xml);
  return { ...JSON.parse(encodeEvent(read)), 'event.original': '(the record)' };
}

/** Several records in one file, one after the other. */
function recordsOf(text: string): string[] {
  return text.split(/(?<=<\/Event>)\n/).filter((xml) => xml !== '');
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
