import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { differences, expectedOf, type Outcome, replayOf } from './outcome.js';
import { idleLine, type Script, writeScript } from './script.js';

const HOSTS = ['web-01', 'web-02', 'web-03', 'web-04', 'web-05', 'web-06'];

describe.each([1, 2, 3])('the script of the chaos test, seed %i', (seed) => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-script-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const pathOf = (host: string) => join(directory, `${host}.log`);
  const script: Script = writeScript(seed, 20, HOSTS);
  let events = 0;
  let expected: Outcome;

  beforeAll(() => {
    let timeMs = Date.now() - 600_000;
    const write = (host: string, rest: string) => {
      timeMs += 20;
      appendFileSync(pathOf(host), `${new Date(timeMs).toISOString()} ${host} ${rest}\n`);
    };
    for (const [i, act] of script.acts.entries()) {
      for (const { host, rest } of act) write(host, rest);
      const idle = idleLine('web-01', i);
      write('web-01', idle.rest);
      events += act.length + (idle.isEvent ? 1 : 0);
    }
    expected = expectedOf(script);
  });

  it('is what replay makes of it', async () => {
    const replay = await replayOf(HOSTS.map(pathOf));
    expect(replay.events).toBe(events);
    expect(differences(replay.alerts, expected.alerts)).toEqual([]);
    expect(differences(replay.blocks, expected.blocks)).toEqual([]);
  }, 60_000);

  it('is another one when the lines of one attempt are lost', async () => {
    const path = pathOf('web-02');
    const lines = readFileSync(path, 'utf8').split('\n');
    // Of the botnet everybody fails once.
    const lost = /sshd\[(\d+)\]: Failed password for backup from (\S+)/.exec(lines.join('\n')) as RegExpExecArray;
    writeFileSync(path, lines.filter((line) => !line.includes(`sshd[${lost[1]}]`)).join('\n'));
    const replay = await replayOf(HOSTS.map(pathOf));
    expect(differences(replay.blocks, expected.blocks)).toEqual([`missing: ${lost[2]} fleet offence 1`]);
    expect(differences(replay.alerts, expected.alerts)).toHaveLength(2);
  }, 60_000);
});
