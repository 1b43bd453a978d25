import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeEvent, type FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { reasonToReject } from './admit.js';

const SOURCES = fileURLToPath(new URL('../../../../sources/src', import.meta.url));
const FILES = (readdirSync(SOURCES, { recursive: true }) as string[]).filter((name) => name.endsWith('.expected.json'));

describe('events of the sources', () => {
  it('have samples', () => expect(FILES.length).toBeGreaterThan(5));

  it.each(FILES)('%s: each is taken', (name) => {
    const lines = JSON.parse(readFileSync(`${SOURCES}/${name}`, 'utf8')) as (Partial<FleetEvent> | null)[];
    const events = lines.flatMap((line) => (line?.['event.module'] ? [decodeEvent(JSON.stringify(line))] : []));
    const reasons = events.map((event) => reasonToReject({ ...event, 'event.id': 'x' }, event['@timestamp'], 400));
    expect(reasons.filter((reason) => reason !== undefined)).toEqual([]);
  });
});
