import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { differences, expectedOf, replayOf } from './outcome.js';
import { idleLine, writeScript } from './script.js';

const directory = mkdtempSync(join(tmpdir(), 'fleetwall-script-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each([1, 2, 3])(
  'the script of the chaos test is what replay makes of it, seed %i',
  async (seed) => {
    const hosts = ['web-01', 'web-02', 'web-03', 'web-04', 'web-05', 'web-06'];
    const script = writeScript(seed, 30, hosts);
    const paths = hosts.map((host) => join(directory, `${host}-${seed}.log`));
    let timeMs = Date.now() - 600_000;
    let events = 0;
    const write = (host: string, rest: string) => {
      timeMs += 20;
      const line = `${new Date(timeMs).toISOString()} ${host} ${rest}\n`;
      appendFileSync(paths[hosts.indexOf(host)] as string, line);
    };
    for (const [i, act] of script.acts.entries()) {
      for (const { host, rest } of act) write(host, rest);
      const idle = idleLine('web-01', i);
      write('web-01', idle.rest);
      events += act.length + (idle.isEvent ? 1 : 0);
    }
    const replay = await replayOf(paths);
    const expected = expectedOf(script);
    expect(replay.events).toBe(events);
    expect(differences(replay.alerts, expected.alerts)).toEqual([]);
    expect(differences(replay.blocks, expected.blocks)).toEqual([]);
  },
  60_000,
);
