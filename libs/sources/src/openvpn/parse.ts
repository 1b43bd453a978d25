import type { FleetEvent } from '@fleetwall/core';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { readForms, withEvidence } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { readAsctimeStamp, readDatedStamp } from '../time/stamps.js';
import { isOpenvpnText, peerForms, plainForms } from './messages.js';

/**
 * OpenVPN servers 2.3 to 2.7, from their own log or through syslog.
 *
 * `[NAME/]ADDR:PORT TEXT`: the server puts the peer before everything that it says of it. Over UDP anyone can write any
 * address; a server speaks either TCP or UDP, so one that has told of a TCP connection has TCP peers only. All else is
 * `spoofable`.
 *
 * Source: src/openvpn/error.c (x_msg_va), multi.c, ssl.c, ssl_verify.c, socket.c.
 */
export const openvpn: Source = {
  name: 'openvpn',
  programs: ['openvpn', 'ovpn-server', 'openvpn-server', 'ovpn-openvpn', 'openvpn-as'],
  formats: [
    {
      name: 'openvpn',
      begins: '0A',
      files: ['/var/log/openvpn.log', '/var/log/openvpn/*.log', '/etc/openvpn/openvpn.log'],
      recognises: (raw) => {
        const stamp = STAMP.exec(raw);
        return stamp !== null && isOpenvpnText(raw.slice(stamp[0].length));
      },
      open: openFile,
    } satisfies LogFormat,
  ],
  parse: (line) => parseText(line, line.message, false),
  open: () => {
    const servers = new TcpServers();
    return (line) => parseText(line, line.message, servers.note(`${line.host} ${line.pid ?? ''}`, line.message));
  },
};

/** `2026-11-01 12:00:00 ` (2.5 and later), `Sun Nov  1 12:00:00 2026 `; with microseconds by verbosity. */
const STAMP =
  /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) (?:us=\d{1,6} )?/;
/** The name is a certificate's or an account's, in which OpenVPN lets no space and no slash stand. */
const PEER = /^(?:[^\s/]{1,128}\/)?(?<peer>[0-9A-Fa-f.:]{2,45}):(?<port>\d{1,5}) /;
const TCP =
  /^(?:[^\s/]{1,128}\/)?(?:[0-9A-Fa-f.:]{2,45}:\d{1,5} )?(?:TCP connection established with \[AF_INET|Listening for incoming TCP connection on )/;

/** Servers, by host and pid, that have told of a TCP connection. */
class TcpServers {
  readonly #servers = new Set<string>();

  /** Whether the server of this message has. */
  note(server: string, text: string): boolean {
    if (TCP.test(text) && this.#servers.size < 1_000) this.#servers.add(server);
    return this.#servers.has(server);
  }
}

function parseText(line: LogLine, text: string, isTcp: boolean): FleetEvent | Unparsed {
  const weighed = isTcp || TCP.test(text) ? line : withEvidence(line, 'spoofable');
  const peer = PEER.exec(text);
  const { peer: address = '', port = '' } = peer?.groups ?? {};
  const forms = peer === null ? plainForms : peerForms;
  const event = readForms('openvpn', forms, weighed, peer === null ? text : text.slice(peer[0].length), {
    peer: address,
    port,
  });
  if (event?.['user.name'] === 'UNDEF') delete event['user.name'];
  return event ?? notRelevant(line);
}

function openFile(stream: StreamContext): FormatReader {
  const servers = new TcpServers();
  return (raw) => {
    const stamp = STAMP.exec(raw);
    const text = stamp === null ? '' : raw.slice(stamp[0].length);
    if (stamp === null || !isOpenvpnText(text)) return undefined;
    const isDated = raw.charCodeAt(0) <= 57;
    const timeMs = isDated ? readDatedStamp(stream.clock, raw, 0) : readAsctimeStamp(stream.clock, raw, 0);
    if (timeMs < 0) return undefined;
    return parseText(lineOf(raw, stream, 'openvpn', timeMs, text), text, servers.note('', text));
  };
}
