import type { IngestSource } from '@fleetwall/config';
import type { FleetEvent } from '@fleetwall/core';

/** Midnight of the day of all samples, and then some. */
export const T = Date.UTC(2026, 10, 22, 7);
/** The peer that attacks. */
export const R = '198.51.100.7';
/** A victim that nobody may block. */
export const V = '192.0.2.66';

export function sourceOf(more: Partial<IngestSource> = {}): IngestSource {
  return {
    principal: 'filebeat',
    format: 'beats',
    agent: 'filebeat-1',
    tenant: 'acme',
    hosts: ['web-02'],
    zone: 'UTC',
    ...more,
  };
}

let offset = 0;

/** A line of /var/log/auth.log as Filebeat's filestream input writes it; `second` of the minute after {@link T}. */
export function filebeatRecord(second: number, words: string, more: object = {}): object {
  offset += 100;
  const stamp = new Date(T + second * 1_000).toISOString();
  return {
    '@timestamp': new Date(T + second * 1_000 + 300).toISOString(),
    '@metadata': { beat: 'filebeat', type: '_doc', version: '9.2.1' },
    message: `${stamp} web-02 ${words}`,
    input: { type: 'filestream' },
    log: { offset, file: { path: '/var/log/auth.log', device_id: '2049', inode: '262401' } },
    host: { name: 'web-02' },
    agent: { name: 'web-02', type: 'filebeat', id: 'c2d4e6f8', ephemeral_id: '1f0a3c5e' },
    ...more,
  };
}

let recordId = 1_000;

/** 4625 of the Security log as Winlogbeat writes it. */
export function winlogbeatRecord(second: number, user: string, address: string, more: object = {}): object {
  recordId++;
  return {
    '@timestamp': new Date(T + second * 1_000).toISOString(),
    '@metadata': { beat: 'winlogbeat', type: '_doc', version: '9.2.1' },
    message: 'An account failed to log on.',
    event: { code: '4625', kind: 'event', outcome: 'failure', provider: 'Microsoft-Windows-Security-Auditing' },
    winlog: {
      channel: 'Security',
      computer_name: 'WEB-03',
      event_id: '4625',
      record_id: recordId,
      provider_name: 'Microsoft-Windows-Security-Auditing',
      event_data: {
        ...{ IpAddress: address, IpPort: '50122', LogonType: '3', Status: '0xc000006d', SubStatus: '0xc000006a' },
        ...{ TargetDomainName: 'WEB-03', TargetUserName: user },
      },
    },
    host: { name: 'WEB-03' },
    agent: { name: 'WEB-03', type: 'winlogbeat' },
    ...more,
  };
}

/** An event as a collector encodes it. */
export function collectorEvent(more: Record<string, unknown> = {}): Record<string, unknown> {
  const event: Omit<FleetEvent, '@timestamp'> = {
    'event.original': `sshd[1]: Failed password for root from ${R} port 22 ssh2`,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh-logon-failed',
    'event.outcome': 'failure',
    'event.id': 'agent-7-0011223344556677-0-8899aabbccddeeff',
    'host.name': 'web-01',
    'process.name': 'sshd',
    'process.pid': 1,
    'user.name': 'root',
    'source.ip': R,
    'fleetwall.evidence': 'handshake',
    'fleetwall.attempt.role': 'attempt',
    'fleetwall.attempt.id': '0123456789ab',
  };
  return { '@timestamp': new Date(T).toISOString(), ...event, ...more };
}
