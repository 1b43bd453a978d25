import { describe, expect, it } from '@jest/globals';
import type { StatusAnswer } from '../answers.js';
import { statusLines } from './status.js';

const STATUS: StatusAnswer = {
  host: 'web-01',
  home: '/var/lib/fleetwall',
  http: 'http://127.0.0.1:8686',
  startedAt: '2026-11-22T07:00:00.000Z',
  ready: true,
  armed: true,
  armedBy: 'armed by root',
  firewall: { name: 'nftables', enforces: true, ipv6: true, networks: true, timeouts: true, counters: true },
  enforcing: true,
  read: { lines: 120, events: 20, history: 5 },
  watched: [{ what: '/var/log/auth.log', why: 'no permission', readable: false }],
  inputs: [{ name: 'files', problems: [{ code: 'X', stream: 'y', message: 'It is away.', hint: 'Look for it.' }] }],
  blocks: { active: 7, held: 1, inForceHere: 1, exceptions: [], droppedPackets: 9 },
  notices: [{ atMs: Date.UTC(2026, 10, 22, 7), action: 'armed', message: 'by \x1b[2J' }],
};

const textOf = (status: Partial<StatusAnswer>) =>
  [...statusLines({ ...STATUS, ...status }, Date.UTC(2026, 10, 22, 9, 30))].join('\n');

describe('statusLines', () => {
  it('tells in a few lines what reads, what is blocked and what is wrong', () => {
    expect(
      textOf({}),
    ).toBe(`Fleetwall works on web-01, for 2 h 30 min; http://127.0.0.1:8686, data in /var/lib/fleetwall
  reads     120 lines, 20 events (5 from before the first start)
            /var/log/auth.log: not readable, no permission
  enforces  by nftables, armed by root
  blocks    7 active, 1 held back; 1 in force here, 9 packets dropped
  problem   It is away. Look for it.
  notice    2026-11-22T07:00:00.000Z  by \\x1b[2J`);
  });

  it('says why nothing is enforced', () => {
    const dryRun = { ...STATUS.firewall, name: 'dry-run', enforces: false, reason: 'no right' };
    expect(textOf({ enforcing: false, firewall: dryRun })).toContain('reports   only: armed, but no right');
    expect(textOf({ enforcing: false, armed: false })).toContain('reports   only: not armed (./fleetwall arm)\n');
    expect(textOf({ enforcing: false, armed: false, firewall: dryRun })).toContain('(./fleetwall arm); no right');
  });

  it('shows some of many exceptions and counts the rest', () => {
    const exceptions = Array.from({ length: 8 }, (_, i) => ({
      target: `192.0.2.${i}`,
      state: 'refused',
      reason: 'own',
    }));
    const text = textOf({ blocks: { ...STATUS.blocks, exceptions } });
    expect(text).toContain('192.0.2.4 refused: own\n            and 3 more that are not in force here');
    expect(text).not.toContain('192.0.2.5');
  });
});
