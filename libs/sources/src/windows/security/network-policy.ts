import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../../event-builder.js';
import type { WindowsData } from '../data.js';
import { type FieldMap, SUBJECT, type WindowsTable } from '../entry.js';
import { type FailureReason, writeReason } from '../status.js';

/** Reason codes of NPS that are about the account or its password; all others are about policies and servers. */
export const NPS_REASONS: Readonly<Record<string, FailureReason>> = {
  7: { text: 'no such domain' },
  8: { text: 'no such user', userKnown: false },
  16: { text: 'wrong user name or password' },
  34: { text: 'account disabled', userKnown: true, state: 'disabled' },
  35: { text: 'account expired', userKnown: true, state: 'expired' },
  36: { text: 'account locked out', userKnown: true, state: 'locked' },
};

function writeDenial(event: FleetEvent, data: WindowsData): boolean {
  const reason = NPS_REASONS[data.get('ReasonCode') ?? ''];
  if (reason !== undefined) {
    writeReason(event, reason);
    event['fleetwall.attempt.role'] = 'attempt';
    return true;
  }
  const text = data.get('Reason');
  if (text !== undefined) event['event.reason'] = text;
  return true;
}

/** The calling station is what the access server says of its client: an address from a VPN server, a MAC from a switch. */
const FIELDS: FieldMap = { ...SUBJECT, 'source.ip': 'CallingStationID' };

/** NPS: what a RADIUS client asked for and was told. */
export const NETWORK_POLICY: WindowsTable = {
  6272: {
    action: 'nps-access-granted',
    category: ['authentication', 'session'],
    type: TYPE.start,
    outcome: 'success',
    evidence: 'spoofable',
    fields: { ...FIELDS, 'fleetwall.session.id': 'AccountSessionIdentifier' },
  },
  6273: {
    action: 'nps-access-denied',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'failure',
    evidence: 'spoofable',
    fields: FIELDS,
    complete: writeDenial,
  },
};
