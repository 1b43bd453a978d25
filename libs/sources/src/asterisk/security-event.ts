import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, EventDraft, TYPE } from '../event-builder.js';
import { withEvidence } from '../message-forms.js';
import { numberBetween, setSource } from '../scan.js';
import type { LogLine } from '../source.js';

/**
 * `SecurityEvent="InvalidPassword",…,AccountID="100",SessionID="…",LocalAddress="…",RemoteAddress="IPV4/UDP/ADDR/PORT",…`.
 * Values are printed as they are, quotes and all, and AccountID, SessionID (pjsip's is the peer's Call-ID) and the client's
 * part of a challenge are the peer's text. So a name with a value counts only where it stands once.
 *
 * Source: res/res_security_log.c (append_json), main/security_events.c, include/asterisk/security_events_defs.h.
 */
export function securityEvent(line: LogLine, text: string): FleetEvent | undefined {
  const kind = /^SecurityEvent="([A-Za-z]{1,40})",/.exec(text)?.[1] ?? '';
  const form = FORMS.get(kind);
  if (form === undefined) return undefined;
  const { action, outcome, known } = form;
  const isOfLogon = outcome !== undefined;
  const draft = new EventDraft(
    'asterisk',
    action,
    isOfLogon ? CATEGORY.authentication : CATEGORY.network,
    isOfLogon ? TYPE.start : TYPE.denied,
    outcome,
  );
  if (outcome === 'failure') draft.role = 'part';
  draft.userKnown = known;
  draft.service = 'asterisk';
  draft.user = soleValue(text, 'AccountID');
  const peer = setPeer(draft, soleValue(text, 'RemoteAddress'));
  return draft.finish(peer === 'UDP' ? withEvidence(line, 'spoofable') : line);
}

interface Form {
  action: string;
  outcome?: 'success' | 'failure';
  known?: boolean;
}

const FORMS: ReadonlyMap<string, Form> = new Map([
  ['InvalidPassword', { action: 'sip-password-refused', outcome: 'failure', known: true }],
  ['ChallengeResponseFailed', { action: 'sip-password-refused', outcome: 'failure', known: true }],
  ['InvalidAccountID', { action: 'sip-account-unknown', outcome: 'failure', known: false }],
  ['SuccessfulAuth', { action: 'sip-logon', outcome: 'success' }],
  ['FailedACL', { action: 'sip-connection-denied' }],
  ['UnexpectedAddress', { action: 'sip-connection-denied' }],
]);

/** The value of a name that stands once in the line; undefined otherwise. */
function soleValue(text: string, name: string): string | undefined {
  const mark = `,${name}="`;
  const at = text.indexOf(mark);
  if (at < 0 || text.lastIndexOf(mark) !== at) return undefined;
  const end = text.indexOf('"', at + mark.length);
  return end < 0 ? undefined : text.slice(at + mark.length, end);
}

/** `IPV4/UDP/198.51.100.7/5060`; answers the transport. An unknown one may be anything. */
function setPeer(draft: EventDraft, address: string | undefined): string {
  const match = /^IPV[46]\/(UDP|TCP|TLS|WSS?)\/([0-9A-Fa-f:.]{2,45})\/(\d{1,5})$/.exec(address ?? '');
  if (match === null) return 'UDP';
  const [, transport = '', ip = '', port = ''] = match;
  setSource(draft, ip);
  draft.port = numberBetween(port, 0, port.length, 5);
  return transport;
}
