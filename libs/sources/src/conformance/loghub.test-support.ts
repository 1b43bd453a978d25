import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Difference, dataPath, peerOf, readLines, type Suite } from './suite.test-support.js';

/** A log of a real server: as many tries by peer as another way of counting finds. */
export function loghubSuite(name: string): Suite {
  const path = `restricted/loghub/${name}`;
  return {
    name: `loghub/${name}`,
    needs: [path],
    known: {},
    run: () => {
      const text = readFileSync(dataPath(path), 'utf8');
      const lines = text.split(/\r?\n/).filter((line) => line.includes('sshd'));
      const [expected, here] = [triesByGrep(lines), triesHere(lines)];
      const peers = [...new Set([...Object.keys(expected), ...Object.keys(here)])];
      const differences = peers.flatMap((peer, index): Difference[] => {
        const [there, counted] = [expected[peer] ?? 0, here[peer] ?? 0];
        if (there === counted) return [];
        const verdict = counted < there ? 'missed' : 'wrong';
        return [{ verdict, file: name, line: index + 1, expected: `${there} tries of ${peer}`, here: String(counted) }];
      });
      const positives = Object.values(expected).reduce((sum, one) => sum + one, 0);
      return { positives, negatives: 0, differences };
    },
  };
}

/** What lines of one process of sshd tell of: the kind of line, how many tries, and of whom. */
const TELLING: [kind: string, pattern: RegExp][] = [
  [
    'password',
    /(?:message repeated (?<number>\d+) times: \[ )?Failed password for .* from (?<peer>\S+) port \d+ ssh2\]?$/,
  ],
  ['pam', /(?:(?<number>\d+) more )?authentication failures?; .*rhost=(?<peer>\S+)/],
  ['said', /Invalid user .* from (?<peer>\S+)$/],
  ['said', /disconnect from (?<peer>[\d.]+): 3: com\.jcraft.*Auth fail/],
];

/**
 * Tries by peer, counted another way: per process, the most that any one kind of line tells of. A process whose peer
 * is told by name and by address counts for the address.
 */
function triesByGrep(lines: string[]): Record<string, number> {
  const told = lines.flatMap((line) => {
    const pid = /sshd(?:\(pam_unix\))?\[(\d+)\]/.exec(line)?.[1] ?? '';
    return TELLING.flatMap(([kind, pattern]) => {
      const { peer, number = '1' } = pattern.exec(line)?.groups ?? {};
      return peer === undefined ? [] : [{ pid, peer, kind, number: Number(number) }];
    });
  });
  const addresses = new Map<string, string>();
  for (const { pid, peer } of told) if (isIP(peer) !== 0) addresses.set(pid, peer);
  const processes = new Map<string, { peer: string; kinds: Record<string, number> }>();
  for (const { pid, peer: named, kind, number } of told) {
    const peer = isIP(named) !== 0 ? named : (addresses.get(pid) ?? named);
    const entry = processes.get(`${pid} ${peer}`) ?? { peer, kinds: {} };
    entry.kinds[kind] = kind === 'said' ? 1 : (entry.kinds[kind] ?? 0) + number;
    processes.set(`${pid} ${peer}`, entry);
  }
  const byPeer: Record<string, number> = {};
  for (const { peer, kinds } of processes.values()) {
    byPeer[peer] = (byPeer[peer] ?? 0) + Math.max(...Object.values(kinds));
  }
  return byPeer;
}

function triesHere(lines: string[]): Record<string, number> {
  const peers = new Map<string, string>();
  for (const { event } of readLines(lines, { year: { nowMs: () => Date.UTC(2016, 11, 31) } })) {
    const source = peerOf(event);
    const id = event?.['fleetwall.attempt.id'];
    if (event === undefined || source === undefined || id === undefined) continue;
    for (const one of event['fleetwall.attempt.ids'] ?? [id]) {
      if (!peers.has(one) || event['source.ip'] !== undefined) peers.set(one, source);
    }
  }
  const byPeer: Record<string, number> = {};
  for (const peer of peers.values()) byPeer[peer] = (byPeer[peer] ?? 0) + 1;
  return byPeer;
}
