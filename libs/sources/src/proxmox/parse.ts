import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/**
 * Proxmox VE, Mail Gateway and Backup Server: logons at their web interfaces and APIs.
 *
 * `authentication failure; rhost=ADDR user=USER@REALM msg=REASON`: the address comes before anything that the peer wrote.
 * PAM tells of the same try when the realm is `pam` (service `proxmox-ve-auth`).
 *
 * Source: pve-access-control PVE/API2/AccessControl.pm, pmg-api PMG/API2/AccessControl.pm, proxmox-backup
 * src/server/rest.rs.
 */
export const proxmox: Source = {
  name: 'proxmox',
  programs: ['pvedaemon', 'pveproxy', 'pmgdaemon', 'pmgproxy', 'proxmox-backup-proxy', 'proxmox-backup-api'],
  parse,
};

const FAILED = { action: 'proxmox-logon-failed', outcome: 'failure', role: 'part' } as const;

const FORMS: readonly MessageForm[] = [
  {
    pattern:
      /^authentication failure; rhost=\[(?<peer>[0-9A-Fa-f:.]+)\]:(?<port>\d+) user=(?<user>.*) msg=(?<reason>.*)$/s,
    ...FAILED,
  },
  {
    pattern: /^authentication failure; rhost=(?<peer>[\d.]+):(?<port>\d+) user=(?<user>.*) msg=(?<reason>.*)$/s,
    ...FAILED,
  },
  { pattern: /^authentication failure; rhost=(?<peer>\S*) user=(?<user>.*) msg=(?<reason>.*)$/s, ...FAILED },
  { pattern: /^<[^>]*> successful auth for user '(?<user>.*)'$/s, action: 'proxmox-logon', outcome: 'success' },
];

function parse(line: LogLine): FleetEvent | Unparsed {
  const event = readForms('proxmox', FORMS, line, line.message, { service: 'proxmox' });
  if (event !== undefined) return event;
  return line.message.startsWith('authentication failure') ? unknownMessage(line) : notRelevant(line);
}
