import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EVENT_FIELDS } from './event-fields.js';

const SOURCES = 'libs/sources/src';
/** What Windows names itself, and what only the samples' runner writes. */
const OPEN_ENDED = /^(winlog\.(event_data|user_data)\.|fleetwall\.unparsed$)/;

/** Every field of the expected events of every source, with one of its values. */
function fieldsOfSamples(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (/^@timestamp$|^[a-z]+\./.test(key)) found.set(key, inner);
      else walk(inner);
    }
  };
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.expected.json'),
  );
  for (const name of files) walk(JSON.parse(readFileSync(join(SOURCES, name), 'utf8')));
  return found;
}

describe('the fields that are offered', () => {
  const types = new Map(EVENT_FIELDS.map(({ field, type }) => [field, type]));
  const found = [...fieldsOfSamples()].filter(([field]) => !OPEN_ENDED.test(field));

  it('are in the table once', () => expect(types.size).toBe(EVENT_FIELDS.length));

  it('hold every field that a source gives', () => {
    expect(found.length).toBeGreaterThan(60);
    expect(found.map(([field]) => field).filter((field) => !types.has(field))).toEqual([]);
  });

  it.each(found)('%s has the type of its values', (field, value) => {
    const type = types.get(field);
    expect(type === 'number').toBe(typeof value === 'number');
    expect(type === 'flag').toBe(typeof value === 'boolean');
    expect(type === 'address').toBe(field.endsWith('.ip'));
  });
});
