import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon } from '../event-builder.js';
import { type MessageForm, readForms, withEvidence } from '../message-forms.js';
import { numberBetween, setSource } from '../scan.js';
import type { LogLine } from '../source.js';

const SERVICE = { service: 'asterisk' };

/** What the channel drivers and the manager say of a refused logon or call. @param file of the source that printed it */
export function noticeEvent(line: LogLine, file: string, text: string): FleetEvent | undefined {
  if (file === 'manager.c') return readForms('asterisk', MANAGER_FORMS, line, text, SERVICE);
  const spoofable = withEvidence(line, 'spoofable');
  return (
    registrationEvent(spoofable, text) ??
    callEvent(spoofable, text) ??
    readForms('asterisk', FORMS, spoofable, text, SERVICE)
  );
}

const FAILED_FOR = " failed for '";
/** The address, what pjsip puts behind it (the peer's Call-ID), and why. */
const REFUSAL =
  /^(?:\[(?<bracketed>[0-9A-Fa-f:.]+)\]|(?<plain>[^\s':]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+))(?::(?<port>\d{1,5}))?'(?: \(callid: .*\))? - (?<reason>[^)]{1,100}\)?)$/s;

/**
 * `Registration from 'FROM' failed for 'ADDR[:PORT]' - REASON` (chan_sip), `Request 'REGISTER' from 'FROM' failed for
 * 'ADDR:PORT' (callid: ID) - REASON` (pjsip). FROM and ID are the peer's text, before and behind the address: so
 * ` failed for '` must stand once, or the failure stands without an address.
 */
function registrationEvent(line: LogLine, text: string): FleetEvent | undefined {
  const at = text.indexOf(FAILED_FOR);
  if (at < 0 || !/^(?:Registration|Request(?: '[A-Z]{1,16}')?) from '/.test(text)) return undefined;
  const draft = failedLogon('asterisk', 'sip-registration-refused');
  draft.role = 'part';
  draft.service = 'asterisk';
  if (text.lastIndexOf(FAILED_FOR) !== at) return draft.finish(line);
  const groups = REFUSAL.exec(text.slice(at + FAILED_FOR.length))?.groups;
  if (groups === undefined) return undefined;
  const { bracketed, plain = '', port = '', reason = '' } = groups;
  setSource(draft, bracketed ?? plain);
  const number = numberBetween(port, 0, port.length, 5);
  if (number >= 0) draft.port = number;
  draft.user = accountOf(text.slice(0, at));
  setReason(draft, reason);
  return draft.finish(line);
}

function setReason(draft: EventDraft, reason: string): void {
  draft.reason = reason;
  if (/^No matching (?:peer|endpoint) found/.test(reason)) draft.userKnown = false;
  if (/^(?:Wrong password|Failed to authenticate)/.test(reason)) draft.userKnown = true;
}

/** The account of `"100" <sip:100@example.com>`: what stands behind the last `sip:`. */
function accountOf(from: string): string | undefined {
  const start = Math.max(from.lastIndexOf('sip:'), from.lastIndexOf('sips:') + 1);
  if (start < 1) return undefined;
  const rest = from.slice(start + 4);
  const end = rest.search(/[@>;':]/);
  return end < 0 ? rest : rest.slice(0, end);
}

const PART = { outcome: 'failure', role: 'part' } as const;

const FORMS: readonly MessageForm[] = [
  {
    pattern:
      /^Host (?<peer>\S+) failed (?:to authenticate as|(?:MD5|RSA|plaintext) authentication for) '(?<user>.*)'(?: \([^']*\))?$/s,
    action: 'iax-logon-failed',
    ...PART,
  },
  { pattern: /^Host (?<peer>\S+) denied access to register peer '(?<user>.*)'$/s, action: 'iax-logon-failed', ...PART },
  {
    pattern: /^No registration for peer '(?<user>.*)' \(from (?<peer>[^\s)]+)\)$/s,
    action: 'iax-account-unknown',
    known: false,
    ...PART,
  },
  {
    pattern: /^"?Rejecting unknown SIP connection from (?<end>[^"\s]+)"?$/,
    action: 'sip-call-rejected',
  },
  { pattern: /^hacking attempt detected '(?<peer>[^'\s]+)'$/, action: 'sip-attack-reported' },
];

const TO_EXTENSION = ") to extension '";
const CALL = /^(?:Call from '.*'|[^':]{0,80}: Call) \((?:[A-Z]{2,3}:)?(?<end>[[\]0-9A-Fa-f.:]+)\) to extension '/s;

/**
 * `Call from 'CALLER' (ADDR:PORT) to extension 'X' rejected because …`: CALLER and X are the peer's text, so the words
 * between them must stand once. A number that is not there was dialled: nobody tried to log on.
 */
function callEvent(line: LogLine, text: string): FleetEvent | undefined {
  const at = text.indexOf(TO_EXTENSION);
  if (at < 0 || !text.includes(' rejected because ', at)) return undefined;
  const isSole = text.lastIndexOf(TO_EXTENSION) === at;
  const pattern = isSole ? CALL : /^(?:Call from '|[^':]{0,80}: Call \()/;
  return readForms('asterisk', [{ pattern, action: 'sip-call-rejected' }], line, text, SERVICE);
}

/** The manager (AMI) is spoken over TCP. */
const MANAGER_FORMS: readonly MessageForm[] = [
  {
    pattern: /^(?:Host )?(?<peer>\S+) failed to authenticate as '(?<user>.*)'$/s,
    action: 'ami-logon-failed',
    known: true,
    ...PART,
  },
  {
    pattern: /^(?:Host )?(?<peer>\S+) tried to authenticate with nonexistent user '(?<user>.*)'$/s,
    action: 'ami-account-unknown',
    known: false,
    ...PART,
  },
  { pattern: /^(?<peer>\S+) failed to pass IP ACL as '(?<user>.*)'$/s, action: 'ami-connection-denied' },
];
