import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon } from '../event-builder.js';
import { withEvidence } from '../message-forms.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { finishHttp } from '../web-access/web-event.js';

const PROGRAM = 'vaultwarden';

/**
 * Vaultwarden's log: `[2026-11-22 07:00:00.123][vaultwarden::api::identity][ERROR] MESSAGE`, by way of syslog without the stamp.
 * Before 1.22 it was bitwarden_rs. Sources: src/main.rs (init_logging), src/api/identity.rs, src/api/admin.rs,
 * src/api/core/two_factor, src/auth.rs (ClientIp).
 */
const ownLog = stampedLog({
  name: 'Vaultwarden log',
  program: PROGRAM,
  files: ['/var/log/vaultwarden.log', '/var/log/vaultwarden/*.log', '/vw-data/vaultwarden.log'],
  begins: '[',
  beginning:
    /^\[\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]\[(?:vaultwarden|bitwarden_rs)[\w:]{0,128}\]\[[A-Z]{4,5}\] /,
  time: (clock, raw) => clock.readIso(raw, 1),
  parse: (line) => parseMessage(line, line.message),
});

const SYSLOG_HEAD = /^\[(?:vaultwarden|bitwarden_rs)[\w:]{0,128}\]\[[A-Z]{4,5}\] /;

export const vaultwarden: Source = {
  name: PROGRAM,
  programs: [PROGRAM, 'bitwarden_rs'],
  formats: [ownLog],
  parse: (line) => {
    const head = SYSLOG_HEAD.exec(line.message.slice(0, 170));
    return head === null ? unknownMessage(line) : parseMessage(line, line.message.slice(head[0].length));
  },
};

/** The address comes right after the program's own words, and before the name. */
const PASSWORD =
  /^(?:Username or password is incorrect|This user has been disabled|Incorrect (?:client_id|client_secret|username or password))\.?(?: \(\w+\))?(?: Try again\.?)? ?IP: ([0-9A-Fa-f:.]{2,45})\. Username: (.*?)\.?$/s;
const ADMIN = /^Invalid admin token\. IP: ([0-9A-Fa-f:.]{2,45})$/;
const SECOND =
  /^(?:Invalid TOTP code!|Token is invalid!|Invalid (?:recovery|email|Duo|Yubikey) ?(?:code|token)?[!.]?)(?: Server time: [\d :.-]{19,26}(?: UTC)?)? IP: ([0-9A-Fa-f:.]{2,45})$/;

function parseMessage(line: LogLine, text: string): FleetEvent | Unparsed {
  const draft = readRefusal(text);
  if (draft === undefined) return notRelevant(line);
  // `IP_HEADER` is X-Real-IP unless somebody says otherwise: whoever is connected directly writes any address there.
  return finishHttp(draft, withEvidence(line, 'spoofable'));
}

function readRefusal(text: string): EventDraft | undefined {
  const password = PASSWORD.exec(text);
  if (password !== null) {
    const draft = refused(password[1] as string, undefined);
    draft.user = password[2];
    return draft;
  }
  const admin = ADMIN.exec(text);
  if (admin !== null) return refused(admin[1] as string, 'admin-token');
  const second = SECOND.exec(text);
  return second === null ? undefined : refused(second[1] as string, 'otp');
}

function refused(address: string, method: string | undefined): EventDraft {
  const draft = failedLogon('vaultwarden', 'vaultwarden-logon-failed');
  draft.method = method;
  draft.role = 'part';
  setSource(draft, address);
  return draft;
}
