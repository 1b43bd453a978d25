import type { MessageForm } from '../message-forms.js';

const ATTEMPT = { action: 'ike-logon-failed', outcome: 'failure', role: 'attempt' } as const;

/**
 * Identities are the peer's text; charon prints what is not printable in them as `?`. The server's own comes before the peer's, so
 * behind a quote within one of them it is open who is who: no account then.
 */
const IDS = `'[^']*' - '(?<user>[^']*)'`;

export const FORMS: readonly MessageForm[] = [
  { pattern: /^EAP-MS-CHAPv2 verification failed, retry \(\d+\)$/, ...ATTEMPT, method: 'EAP_MSCHAPV2' },
  { pattern: /^RADIUS authentication of '(?<user>.*)' failed$/s, ...ATTEMPT, method: 'RADIUS' },
  // Each try by MS-CHAPv2 has a line of its own.
  {
    pattern: /^EAP method EAP_MSCHAPV2 failed for peer (?<user>.*)$/s,
    action: 'ike-eap-failed',
    outcome: 'failure',
    method: 'EAP_MSCHAPV2',
  },
  { pattern: /^EAP method EAP_\w{1,32} failed for peer (?<user>.*)$/s, ...ATTEMPT, method: 'EAP' },
  { pattern: /^EAP vendor specific method \d+-\d+ failed for peer (?<user>.*)$/s, ...ATTEMPT, method: 'EAP' },
  { pattern: new RegExp(`^tried \\d+ shared keys? for ${IDS}, but MAC mismatched$`), ...ATTEMPT, method: 'PSK' },
  { pattern: /^tried \d+ shared keys? for '.*', but MAC mismatched$/s, ...ATTEMPT, method: 'PSK' },
  { pattern: new RegExp(`^no shared key found for ${IDS}$`), ...ATTEMPT, method: 'PSK', known: false },
  { pattern: new RegExp(`^no XAuth secret found for ${IDS}$`), ...ATTEMPT, method: 'XAuth', known: false },
  { pattern: new RegExp(`^none of \\d+ found XAuth secrets for ${IDS} matched$`), ...ATTEMPT, method: 'XAuth' },
  {
    pattern: /^XAuth pam_authenticate for '(?<user>.*)' failed: (?<reason>[^']{1,200})$/s,
    ...ATTEMPT,
    method: 'XAuth',
  },
  { pattern: /^XAuth authentication of '(?<user>.*)' failed$/s, ...ATTEMPT, method: 'XAuth' },
  {
    pattern: /^XAuth authentication of '(?<user>.*)' successful$/s,
    action: 'ike-logon',
    outcome: 'success',
    method: 'XAuth',
  },
  {
    pattern: /^authentication of '(?<user>.*)' with EAP successful$/s,
    action: 'ike-logon',
    outcome: 'success',
    method: 'EAP',
  },
  {
    pattern: /^authentication of '(?<user>.*)' with pre-shared key successful(?: with linked key)?$/s,
    action: 'ike-logon',
    outcome: 'success',
    method: 'PSK',
  },
  // By signature: a certificate is not guessed.
  {
    pattern: /^authentication of '(?<user>.*)' with [\w -]{1,64} successful$/s,
    action: 'ike-logon',
    outcome: 'success',
  },
  {
    pattern: /^no trusted [\w-]{1,16} public key found for '(?<user>.*)'$/s,
    action: 'ike-certificate-refused',
    outcome: 'failure',
  },
  { pattern: /^no matching peer config found$/, action: 'ike-peer-unknown' },
];

/** What tells the account of a logon by EAP before it is known how it ends. */
export const WHO = /^(?:EAP-MS-CHAPv2 username: |received EAP identity )'(?<user>.*)'$/s;
