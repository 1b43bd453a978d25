import { createHash } from 'node:crypto';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { type AbuseFacts, abuseDraft } from './abuse-draft.js';

const MS = Date.UTC(2026, 10, 22, 14, 2, 11, 482);
const event = {
  '@timestamp': MS,
  'event.original': 'Failed password for invalid user hunter2 from 203.0.113.7 port 4711 ssh2',
  'event.module': 'sshd',
  'host.name': 'web-01',
  'destination.ip': '192.0.2.80',
  'destination.port': 22,
  'source.ip': '203.0.113.7',
  'source.port': 4711,
  'user.name': 'hunter2',
  'organization.id': 'acme',
  message: 'hunter2',
} as unknown as FleetEvent;
const FACTS: AbuseFacts = {
  id: '550e8400-e29b-41d4-a716-446655440000',
  address: '203.0.113.7',
  reporter: { org: 'Example Hosting ©', contact: 'abuse@example.net' },
  ...{ madeMs: MS + 60_000, attempts: 23, firstMs: MS - 3_600_000, lastMs: MS, services: ['sshd'] },
  events: [event],
  withHosts: false,
};

describe('a draft of an abuse report', () => {
  it('holds nothing of what somebody typed, and no host', () => {
    const all = JSON.stringify(abuseDraft(FACTS)) + evidenceOf(abuseDraft(FACTS).report);
    for (const word of ['hunter2', 'web-01', '192.0.2.80', 'acme', 'invalid user']) expect(all).not.toContain(word);
  });

  it('tells the hosts when somebody chose so, and still no names of accounts', () => {
    const draft = abuseDraft({ ...FACTS, withHosts: true });
    expect(evidenceOf(draft.report)).toBe(
      '2026-11-22T14:02:11.482Z sshd (port 22): logon failed, from 203.0.113.7 port 4711 on web-01 (192.0.2.80)\n',
    );
    expect(draft.report['destination_ip']).toBe('192.0.2.80');
    expect(JSON.stringify(draft)).not.toContain('hunter2');
  });

  it('is a report of XARF v4', () => {
    const { report } = abuseDraft(FACTS);
    expect(report).toEqual({
      ...{ xarf_version: '4.0.0', report_id: FACTS.id, timestamp: '2026-11-22T14:02:11.482Z' },
      reporter: { org: 'Example Hosting ©', contact: 'abuse@example.net', domain: 'example.net' },
      sender: { org: 'Example Hosting ©', contact: 'abuse@example.net', domain: 'example.net' },
      ...{ source_identifier: '203.0.113.7', source_port: 4711, category: 'connection', type: 'login_attack' },
      ...{ protocol: 'tcp', first_seen: '2026-11-22T13:02:11.482Z', last_seen: '2026-11-22T14:02:11.482Z' },
      ...{ destination_port: 22, evidence_source: 'ids_detection', description: '23 failed logons' },
      evidence: [expect.objectContaining({ content_type: 'text/plain' })],
    });
    const [evidence] = report['evidence'] as { payload: string; hash: string; size: number }[];
    const payload = Buffer.from(evidence?.payload ?? '', 'base64');
    expect(evidence?.size).toBe(payload.length);
    expect(evidence?.hash).toBe(`sha256:${createHash('sha256').update(payload).digest('hex')}`);
  });

  it('is a mail of X-ARF 0.2 without a recipient, with the end of line that mail has', () => {
    const { mail } = abuseDraft(FACTS);
    expect(mail.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    const [head = '', ...rest] = mail.split('\r\n\r\n');
    expect(head).toMatch(/^From: abuse@example\.net\r\nSubject: Abuse report: failed logons from 203\.0\.113\.7\r\n/);
    expect(head).toContain('Date: Sun, 22 Nov 2026 14:03:11 +0000\r\n');
    expect(head).toMatch(/\r\nX-XARF: PLAIN\r\n/);
    expect(head).not.toMatch(/^(To|Cc|Bcc):/m);
    const parts = rest.join('\r\n\r\n').split(`--report-${FACTS.id}`);
    expect(parts).toHaveLength(5);
    expect(parts[1]).toContain('port 4711');
    expect(parts[2]).toContain('name="report.txt"');
    expect(parts[2]).toContain('\r\nReport-Type: login-attack\r\n');
    expect(parts[2]).toContain('\r\nPort: 22\r\n');
    expect(parts[3]).toContain('2026-11-22T14:02:11.482Z sshd (port 22): logon failed, from 203.0.113.7 port 4711\r\n');
    expect(parts[4]).toBe('--\r\n');
  });
});

function evidenceOf({ evidence }: Record<string, unknown>): string {
  return Buffer.from((evidence as { payload: string }[])[0]?.payload ?? '', 'base64').toString();
}
