import { describe, expect, it } from '@jest/globals';
import { EventIds } from './event-ids.js';
import type { RawLine } from './inputs/input.js';
import { LineReader } from './line-reader.js';

const NOW = Date.UTC(2027, 0, 1, 0, 0, 5);
const R = '198.51.100.7';

const reader = (nowMs = NOW) =>
  new LineReader({ agentId: 'agent', seed: [1, 2, 3], host: 'web-01', zone: 'UTC', clock: () => nowMs });
const line = (text: string, more: Partial<RawLine> = {}): RawLine => {
  return { text, truncated: false, id: 'f-0-0', stream: '/var/log/auth.log', history: false, readMs: NOW, ...more };
};
const failed = (stamp: string, pid = 1, user = 'root') =>
  `${stamp} web-02 sshd[${pid}]: Failed password for ${user} from ${R} port 4022 ssh2`;
const journal = (fields: object) =>
  JSON.stringify({
    MESSAGE: `Failed password for root from ${R} port 4022 ssh2`,
    SYSLOG_IDENTIFIER: 'sshd',
    _HOSTNAME: 'web-02',
    _PID: '1',
    __REALTIME_TIMESTAMP: `${NOW}000`,
    ...fields,
  });

describe('a line becomes an event', () => {
  it('whose id is that of the agent and the line, with its bytes, its host and an attempt', () => {
    expect(reader().read(line(failed('Jan  1 00:00:01')))).toMatchObject({
      '@timestamp': Date.UTC(2027, 0, 1, 0, 0, 1),
      'event.id': new EventIds('agent', [1, 2, 3]).of('f-0-0'),
      'event.original': failed('Jan  1 00:00:01'),
      'host.name': 'web-02',
      'source.ip': R,
      'fleetwall.evidence': 'handshake',
      'fleetwall.attempt.id': expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });

  it('A22: says when the line is history, or was cut, and believes no address of a cut line', () => {
    const event = reader().read(line(failed('Jan  1 00:00:01'), { history: true, truncated: true }));
    expect(event).toMatchObject({ 'fleetwall.history': true, 'fleetwall.truncated': true });
    expect(event).not.toHaveProperty(['source.ip']);
    expect(event).not.toHaveProperty(['source.ip']);
    expect(reader().read(line(failed('Jan  1 00:00:01')))).not.toHaveProperty(['fleetwall.history']);
  });

  it('or is counted by program and reason', () => {
    const subject = reader();
    for (const text of ['no log line at all', 'Jan  1 00:00:01 web-02 cron[1]: x', 'Jan  1 00:00:01 web-02 sshd[1]: ?'])
      expect(subject.read(line(text))).toBeUndefined();
    expect([...subject.unparsed.totals().values()].reduce((sum, n) => sum + n, 0)).toBe(3);
  });

  it('A23: of the year before, when it is read on 1 January', () => {
    expect(reader().read(line(failed('Dec 31 23:59:59')))?.['@timestamp']).toBe(Date.UTC(2026, 11, 31, 23, 59, 59));
  });

  it('A19: that proves nothing when an ordinary user wrote it in the name of sshd', () => {
    const cases: [fields: object, origin: RawLine['origin']][] = [
      [
        { _UID: '1000', _COMM: 'logger', _TRANSPORT: 'syslog' },
        { uid: 1000, comm: 'logger' },
      ],
      [
        { _UID: '1000', _COMM: 'sshd', _TRANSPORT: 'syslog' },
        { uid: 1000, comm: 'sshd' },
      ],
      [
        { _UID: '0', _COMM: 'logger', _TRANSPORT: 'syslog' },
        { uid: 0, comm: 'logger' },
      ],
      [{}, { uid: 1000 }],
    ];
    for (const [fields, origin] of cases) {
      const event = reader().read(line(journal(fields), origin ? { origin } : {}));
      expect(event?.['fleetwall.evidence']).toBe('unauthenticated');
    }
    const real = line(journal({ _UID: '0', _COMM: 'sshd', _TRANSPORT: 'syslog' }), {
      origin: { uid: 0, comm: 'sshd' },
    });
    expect(reader().read(real)?.['fleetwall.evidence']).toBe('handshake');
  });
});

describe('the memory of a reader', () => {
  const first = 'Jan  1 00:00:01 web-02 sshd[9]: Invalid user x from 198.51.100.7 port 4022';
  const second = 'Jan  1 00:00:02 web-02 sshd[9]: Failed password for invalid user x from 198.51.100.7 port 4022 ssh2';

  it('survives a restart: lines of one try have one id before and after', () => {
    const before = reader();
    const id = before.read(line(first))?.['fleetwall.attempt.id'];
    const after = reader();
    after.restore(before.snapshot());
    expect(after.read(line(second))?.['fleetwall.attempt.id']).toBe(id);
  });

  it('gives a line that is read twice the same event', () => {
    const subject = reader();
    const once = subject.read(line(first));
    expect(subject.read(line(first))).toEqual(once);
  });

  it('holds the year of each stream by itself, and of no more than some thousand streams', () => {
    const subject = reader();
    for (let n = 0; n < 5_000; n++) {
      const event = subject.read(line(failed('Dec 31 23:59:59', n), { stream: `/var/log/${n}.log` }));
      expect(event?.['@timestamp']).toBe(Date.UTC(2026, 11, 31, 23, 59, 59));
    }
    expect(subject.read(line(failed('Jan  1 00:00:01'), { stream: '/var/log/0.log' }))?.['@timestamp']).toBe(
      Date.UTC(2027, 0, 1, 0, 0, 1),
    );
  });
});
