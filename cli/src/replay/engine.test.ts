import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRules } from '@fleetwall/detection';
import { loadPolicies } from '@fleetwall/response';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ReplayEngine } from './engine.js';
import { LogFile } from './log-file.js';
import { reportOf } from './report.js';

const R = '198.51.100.7';
const directory = mkdtempSync(join(tmpdir(), 'fleetwall-replay-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function shipped(name: string) {
  const path = fileURLToPath(new URL(`../../../${name}`, import.meta.url));
  const names = readdirSync(path).filter((file) => file.endsWith('.yml'));
  return names.map((file) => ({ path: file, text: readFileSync(join(path, file), 'utf8') }));
}

async function replay(lines: readonly string[], ownRules: { path: string; text: string }[] = []) {
  const path = join(directory, 'auth.log');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  const rules = loadRules([...shipped('rules/logon'), ...ownRules]);
  expect(rules.problems).toEqual([]);
  const files = [new LogFile(path)];
  const engine = new ReplayEngine({ rules, policies: loadPolicies(shipped('policies')), zone: 'UTC', fromYear: 2026 });
  return reportOf(await engine.run(files), files);
}

/** `lines` on each of five connections, a minute apart; `{pid}` is the connection's own. */
function connections(...lines: string[]): string[] {
  return Array.from({ length: 5 }, (_, i) =>
    lines.map((line, second) => `Nov  1 12:0${i}:0${second} web-01 ${line.replace('{pid}', String(100 + i))}`),
  ).flat();
}

describe('a replay', () => {
  it('finds the address of an attempt in the line that ends its connection', async () => {
    const { blocks, events, failures } = await replay(
      connections(
        'sshd[{pid}]: User root not allowed because account is locked',
        `sshd[{pid}]: Connection closed by ${R} port 4022 [preauth]`,
      ),
    );
    expect({ events, failures }).toEqual({ events: 10, failures: 5 });
    expect(blocks.map(({ target }) => target)).toEqual([R]);
  });

  it('counts a try once, whichever of its lines names the account', async () => {
    const { alerts, failures } = await replay(
      connections(
        `sshd[{pid}]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${R}`,
        `sshd[{pid}]: Failed password for invalid user oracle from ${R} port 4022 ssh2`,
      ),
    );
    expect(failures).toBe(5);
    expect(alerts.map(({ rule, count }) => [rule, count])).toEqual([
      ['fast-brute-force', 5],
      ['slow-grind', 5],
    ]);
  });

  it('reports blocks that nobody needs to remember any more, before those that are remembered', async () => {
    const attack = (month: string, address: string) =>
      Array.from(
        { length: 5 },
        (_, i) => `${month}  1 12:0${i}:00 web-01 sshd[${i}]: Failed password for root from ${address} port 4022 ssh2`,
      );
    const times = ['Jan', 'Apr', 'Jul', 'Oct'];
    const { alerts, blocks, prevented } = await replay([
      ...attack('Jan', R),
      `Jan  1 12:06:00 web-01 sshd[9]: Failed password for root from ${R} port 4022 ssh2`,
      ...times.flatMap((month) => attack(month, '203.0.113.9')),
    ]);
    expect(blocks.map(({ target, offence, prevented: own }) => [target, offence, own])).toEqual([
      [R, 1, 1],
      ['203.0.113.9', 1, 0],
      ['203.0.113.9', 1, 0],
      ['203.0.113.9', 1, 0],
      ['203.0.113.9', 1, 0],
    ]);
    expect(blocks[0]?.evidence.map(({ line }) => line)).toEqual(attack('Jan', R));
    expect(prevented).toBe(1);
    expect(alerts).toHaveLength(10);
  });

  it('takes no address from a line that is cut', async () => {
    const told = (user: string, address: string) => `Failed password for ${user} from ${address} port 22 ssh2`;
    const room = 65_536 - 'Nov  1 12:00:00 web-01 sshd[100]: '.length;
    // The line is cut where the user name has come to look like the end of one.
    const name = told('x'.repeat(room - told('', R).length), R).slice('Failed password for '.length);
    const replayed = async (line: string) => replay(connections(`sshd[{pid}]: ${line}`));
    // So long a line may have lost its end before it came here.
    expect((await replayed(told(name, '203.0.113.9').slice(0, room))).blocks).toEqual([]);
    const { blocks, failures } = await replayed(told(name, '203.0.113.9'));
    expect({ blocks, failures }).toEqual({ blocks: [], failures: 5 });
  });

  it('reads every line that somebody’s own rules ask for', async () => {
    const own = (type: string, what: string) => `title: Ends
name: ends
taxonomy: ecs
${type}:
${what}`;
    const rules = [
      {
        path: 'ends.yml',
        text: own(
          'logsource',
          '  category: network\ndetection:\n  ends:\n    event.action: ssh-connection-closed\n  condition: ends\n',
        ),
      },
      {
        path: 'many-ends.yml',
        text: own(
          'correlation',
          '  type: event_count\n  rules:\n    - ends\n  group-by:\n    - source.ip\n  timespan: 1h\n  condition:\n    gte: 5\nlevel: high\n',
        ).replace('name: ends', 'name: many-ends'),
      },
    ];
    const lines = connections(`sshd[{pid}]: Connection closed by ${R} port 4022 [preauth]`);
    expect((await replay(lines)).alerts).toEqual([]);
    expect((await replay(lines, rules)).alerts.map(({ rule, count }) => [rule, count])).toEqual([['many-ends', 5]]);
  });
});
