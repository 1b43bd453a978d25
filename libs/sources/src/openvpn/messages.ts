import { CATEGORY, TYPE } from '../event-builder.js';
import type { MessageForm } from '../message-forms.js';

const OTHER_END = String.raw`\[AF_INET6?\](?<peer>[0-9A-Fa-f.:]{2,45}):(?<port>\d{1,5})`;

/** What is said of a peer that the server has put before it. */
export const peerForms: readonly MessageForm[] = [
  {
    pattern: /^TLS Auth Error: Auth Username\/Password verification failed for peer$/,
    action: 'openvpn-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  { pattern: /^TLS Auth Error: (?<reason>.{1,200})$/s, action: 'openvpn-logon-refused', outcome: 'failure' },
  {
    pattern: /^TLS: Username\/Password authentication succeeded for username '(?<user>.*)'(?: \[CN SET\])?$/s,
    action: 'openvpn-authenticated',
    outcome: 'success',
  },
  {
    pattern: /^\[(?<user>[^\]]{1,128})\] Peer Connection Initiated with \[AF_INET/,
    action: 'openvpn-peer-connected',
    category: CATEGORY.session,
    type: TYPE.start,
  },
  {
    pattern: /^(?:TLS Error|TLS_ERROR|VERIFY ERROR|OpenSSL|Authenticate\/Decrypt packet error): /,
    action: 'openvpn-tls-error',
  },
  { pattern: /^WARNING: Bad encapsulated packet length from peer /, action: 'openvpn-protocol-error' },
  {
    pattern: /^(?:TCP connection established with|TLS: Initial packet from) \[AF_INET/,
    action: 'openvpn-connection',
    type: TYPE.connection,
  },
  {
    pattern:
      /^(?:Connection reset, restarting|SIG[A-Z0-9]{3,5}\[[\w,-]{1,40}\] received, client-instance (?:restarting|exiting))/,
    action: 'openvpn-connection-closed',
    type: TYPE.end,
  },
];

/** What is said without one: the other end is the last word. */
export const plainForms: readonly MessageForm[] = [
  {
    pattern: new RegExp(`^TCP connection established with ${OTHER_END}$`),
    action: 'openvpn-connection',
    type: TYPE.connection,
  },
  {
    pattern: new RegExp(
      String.raw`^(?:TLS Error|tls-crypt[\w-]* unwrap error|Authenticate/Decrypt packet error): .{1,200} from ${OTHER_END}$`,
    ),
    action: 'openvpn-tls-error',
  },
  {
    pattern: /^AUTH-PAM: BACKGROUND: user '(?<user>.*)' failed to authenticate: (?<reason>.{1,200})$/s,
    action: 'openvpn-pam-refused',
    outcome: 'failure',
  },
];

/** How OpenVPN's messages begin, with and without the peer: so its own log is told from others'. */
const TEXT =
  /^(?:(?:[^\s/]{1,128}\/)?[0-9A-Fa-f.:]{2,45}:\d{1,5} (?:TLS|VERIFY|SENT CONTROL|PUSH|MULTI|peer info|Control Channel|Data Channel|Outgoing Data|Incoming Data|WARNING: Bad encapsulated|Connection reset, |SIG[A-Z0-9]{3,5}\[|TCP connection established|\[[^\]]{1,128}\] Peer Connection|CRL|OpenSSL: |Delayed exit|Authenticate\/Decrypt)|OpenVPN \d|TCP connection established with \[AF_INET|Listening for incoming TCP|TLS Error: |tls-crypt|MULTI: |Initialization Sequence Completed|AUTH-PAM: |Authenticate\/Decrypt packet error: )/;

export function isOpenvpnText(text: string): boolean {
  return TEXT.test(text);
}
