import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { readForms, withEvidence } from '../message-forms.js';
import { RecentMap } from '../recent-map.js';
import { type LogLine, notRelevant, type Source, type Unparsed, withMemory } from '../source.js';
import { stampedLog } from '../stamped-log.js';
import { FORMS, WHO } from './messages.js';

/** Of 2 digits at least; the name of a connection is the operator's. */
const BEGINNING = /^(\d{2,4})\[([A-Z]{3})\] (?:<[^<>]{1,256}> )?/;
/** An address is followed by its port. */
const RECEIVED =
  /^received packet: from (?<peer>[0-9A-Fa-f.:]{2,45})\[(?<port>\d{1,5})\] to \S{4,60} \(\d{1,9} bytes\)$/;

/** Threads at a time, and peers in the middle of a logon. */
const MAX_THREADS = 4_096;
const MAX_PEERS = 10_000;

interface Exchange {
  peer: string;
  port: number;
  /** A line about the packet has told of the try already. */
  isTold: boolean;
}

/** The packet that each thread works on, and what the peers call themselves. */
class Exchanges {
  readonly #byThread = new RecentMap<Exchange>(MAX_THREADS);
  readonly #users = new RecentMap<string>(MAX_PEERS);

  /** The thread took a packet; whose it is, is not known where the line is none of charon's. */
  begin(thread: string, received: RegExpExecArray | null): void {
    const [, address = '', port = ''] = received ?? [];
    const peer = canonicalAddress(address);
    if (peer === undefined) this.#byThread.take(thread);
    else this.#byThread.set(thread, { peer, port: Number(port), isTold: false });
  }

  of(thread: string): Exchange | undefined {
    return this.#byThread.get(thread);
  }

  /** The account of a logon that takes several packets. */
  name({ peer, port }: Exchange, user: string): void {
    this.#users.set(`${peer} ${port}`, user);
  }

  nameOf({ peer, port }: Exchange): string | undefined {
    return this.#users.get(`${peer} ${port}`);
  }
}

function parseCharon(line: LogLine, memory: Exchanges | undefined): FleetEvent | Unparsed {
  const beginning = BEGINNING.exec(line.message);
  if (beginning === null) return notRelevant(line);
  const [head, number, group] = beginning;
  const thread = `${line.host} ${line.pid ?? ''} ${number}`;
  const text = line.message.slice(head.length);
  if (group === 'NET') {
    if (text.startsWith('received packet: ')) memory?.begin(thread, RECEIVED.exec(text));
    return notRelevant(line);
  }
  const exchange = memory?.of(thread);
  const user = WHO.exec(text)?.groups?.user;
  if (user !== undefined && exchange !== undefined) memory?.name(exchange, user);
  const event = readForms('strongswan', FORMS, withEvidence(line, 'spoofable'), text);
  if (event === undefined) return notRelevant(line);
  return exchange === undefined ? event : placed(event, exchange, memory?.nameOf(exchange));
}

/** What the messages of EAP name is what the peer calls itself, which need not be the account. */
const OF_EAP = new Set(['EAP', 'EAP_MSCHAPV2']);

/** With the packet's peer; of several lines about one try the first counts. */
function placed(event: FleetEvent, exchange: Exchange, account: string | undefined): FleetEvent {
  event['source.ip'] = exchange.peer;
  event['source.port'] = exchange.port;
  event['fleetwall.source.recovered'] = true;
  if (account !== undefined && OF_EAP.has(String(event['fleetwall.auth.method']))) event['user.name'] = account;
  if (event['fleetwall.attempt.role'] === undefined) return event;
  if (exchange.isTold) delete event['fleetwall.attempt.role'];
  exchange.isTold = true;
  return event;
}

const READING = withMemory(() => new Exchanges(), parseCharon);

/**
 * strongSwan's `charon` 5 and 6, as a server of IKEv2 (EAP, pre-shared keys) and IKEv1 (XAuth), through syslog, the journal or a
 * file of its own (`filelog`).
 *
 * `THREAD[GROUP] [<CONNECTION|NUMBER> ]TEXT`: no message of a logon names the peer. The thread that took a packet says whose it is
 * (`received packet: from ADDR[PORT]`, group NET) and then all that the packet led to, before it takes another. IKE is UDP: all
 * is `spoofable`.
 *
 * Source: src/libcharon/processing/jobs/process_message_job.c, sa/ikev2/authenticators, sa/ikev1/tasks/xauth.c,
 * plugins/{eap_mschapv2,eap_radius,xauth_generic,xauth_pam}, bus/listeners/{sys_logger,file_logger}.c.
 */
export const strongswan: Source = {
  name: 'strongswan',
  programs: ['charon', 'charon-systemd'],
  formats: [
    stampedLog({
      name: 'strongswan',
      program: 'charon',
      files: ['/var/log/charon.log', '/var/log/strongswan.log'],
      begins: 'A0',
      beginning:
        /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3})?(?:[+-]\d{4})?) (?=\d{2,4}\[[A-Z]{3}\] )/,
      time: (clock, raw) => (raw.charCodeAt(0) <= 57 ? clock.readIso(raw, 0) : clock.readBsd(raw, 0)),
      ...READING,
    }),
  ],
  ...READING,
};
