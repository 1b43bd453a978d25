import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NameMask } from '@fleetwall/assembly';
import type { FleetEvent } from '@fleetwall/core';
import { isUnparsed, LineParser } from '@fleetwall/sources';
import { describe, expect, it } from '@jest/globals';

const SOURCES = resolve('libs/sources/src');
/** What somebody typed where a name belongs, and what of it no escaping changes. */
const SECRET = 'Tr0ub4dor&3-zQ';
const PART = /ub4dor/i;

const folders = readdirSync(SOURCES).filter((name) => existsSync(join(SOURCES, name, 'samples')));
let planted = 0;

/** The shipped samples: lines as each program writes them. */
function linesOf(folder: string): string[][] {
  const samples = join(SOURCES, folder, 'samples');
  const files = readdirSync(samples).filter((file) => file.endsWith('.log'));
  return files.map((file) => readFileSync(join(samples, file), 'utf8').split('\n'));
}

function eventsOf(lines: readonly string[]): FleetEvent[] {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'sample-host' });
  return lines.map((line) => parser.parse(line)).filter((event) => !isUnparsed(event)) as FleetEvent[];
}

/** A name of somebody who did not get in, which no program vouches for. */
function isTyped(event: FleetEvent): boolean {
  const known = event['fleetwall.user.known'];
  const isFailure = event['event.outcome'] === 'failure' && event['event.category'].includes('authentication');
  return known === false || (known === undefined && isFailure);
}

describe.each(folders)('a password typed as a name in the samples of %s', (folder) => {
  it('is in no event', () => {
    for (const lines of linesOf(folder)) {
      const names = new Set(
        eventsOf(lines)
          .filter(isTyped)
          .map((event) => event['user.name'] ?? ''),
      );
      for (const name of names) {
        if (name.length < 4) continue;
        const events = eventsOf(lines.map((line) => line.replaceAll(name, SECRET)));
        const own = events.filter((event) => isTyped(event) && event['user.name'] === SECRET);
        const mask = new NameMask(Buffer.alloc(32, 7));
        for (const event of own) mask.apply(event);
        planted += own.length;
        expect(own.filter((event) => PART.test(JSON.stringify(event)))).toEqual([]);
      }
    }
  });
});

describe('all of them', () => {
  it('have many lines to plant a password in', () => {
    expect(planted).toBeGreaterThan(300);
  });
});
