import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, plainDraft } from '../event-builder.js';
import { withEvidence } from '../message-forms.js';
import { digitsEnd, numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { verdictOf } from './verdict.js';

/**
 * Packets that a rule of the kernel's firewall logged: iptables' LOG target and nftables' `log`, whoever wrote the rules
 * (ufw, firewalld, Shorewall, CSF …). All other words of the kernel are not relevant.
 *
 * `[[UPTIME] ]PREFIXIN=eth0 OUT= [PHYSIN=… ]MAC=… SRC=ADDR DST=ADDR LEN=… … PROTO=TCP SPT=N DPT=N …`; PREFIX is the rule's
 * own, and the packet that an ICMP error quotes stands in brackets at the end. Nothing here is a peer's text, but anyone
 * can write any address into a packet: the evidence is `spoofable`, there is no outcome, nobody tried to log on.
 *
 * Source: linux net/netfilter/nf_log_syslog.c (dump_ipv4_packet, dump_ipv6_packet, nf_log_dump_packet_common).
 */
export const netfilter: Source = {
  name: 'netfilter',
  addressFirst: true,
  programs: ['kernel'],
  parse: parseKernel,
};

const TYPES = {
  blocked: ['connection', 'denied'],
  allowed: ['connection', 'allowed'],
  logged: ['connection', 'info'],
};

/** `usb 1-1: Product: …` quotes a device's own words. */
const DEVICE = 'usb ';
/** NF_LOG_PREFIXLEN: the kernel keeps no longer prefix of a rule. */
const MAX_PREFIX = 128;

function parseKernel(line: LogLine): FleetEvent | Unparsed {
  const text = line.message;
  const at = packetStart(text);
  if (at < 0) return notRelevant(line);
  const prefixStart = uptimeEnd(text);
  const prefix = text.slice(prefixStart, Math.max(prefixStart, at));
  return prefix.length > MAX_PREFIX || prefix.startsWith(DEVICE)
    ? notRelevant(line)
    : packetEvent(line, prefix.trim(), text.slice(at));
}

/** Where `IN=… OUT=… SRC=… DST=…` begins; -1 when the message tells of no packet. */
function packetStart(text: string): number {
  const at = text.indexOf('IN=');
  return at >= 0 && text.indexOf(' SRC=', at) > 0 && text.indexOf(' OUT=', at) > 0 ? at : -1;
}

/** The index after `[12345.678901] `, the time since the kernel began; 0 when there is none. */
function uptimeEnd(text: string): number {
  const match = /^\[ {0,12}\d{1,12}\.\d{1,9}\] ?/.exec(text);
  return match === null ? 0 : match[0].length;
}

/** The event of a packet. @param packet from `IN=` on */
function packetEvent(line: LogLine, prefix: string, packet: string): FleetEvent {
  const verdict = verdictOf(prefix);
  const draft = plainDraft('netfilter', `firewall-${verdict}`, CATEGORY.network, TYPES[verdict]);
  const quoted = packet.indexOf(' [');
  const outer = quoted < 0 ? packet : packet.slice(0, quoted);
  setSource(draft, field(outer, ' SRC='));
  draft.domain = undefined;
  draft.port = port(outer, ' SPT=');
  const event = draft.finish(withEvidence(line, 'spoofable'));
  if (prefix !== '') event['rule.name'] = prefix.replace(/^["[\s]+/, '').replace(/[\]":\s]+$/, '');
  setDestination(event, outer);
  setNetwork(event, outer);
  return event;
}

function setDestination(event: FleetEvent, packet: string): void {
  const target = plainDraft('', '', [], []);
  setSource(target, field(packet, ' DST='));
  if (target.ip !== undefined) event['destination.ip'] = target.ip;
  const number = port(packet, ' DPT=');
  if (number !== undefined) event['destination.port'] = number;
}

function setNetwork(event: FleetEvent, packet: string): void {
  const protocol = field(packet, ' PROTO=').toLowerCase();
  if (protocol !== '') event['network.transport'] = TRANSPORTS[protocol] ?? protocol;
  const ingress = field(packet, 'IN=');
  const egress = field(packet, ' OUT=');
  if (ingress !== '') event['observer.ingress.interface.name'] = ingress;
  if (egress !== '') event['observer.egress.interface.name'] = egress;
  if ((ingress === '') !== (egress === '')) event['network.direction'] = ingress === '' ? 'egress' : 'ingress';
}

/** The kernel's names, and its numbers of protocols that it has no name for, where ECS has another word. */
const TRANSPORTS: Readonly<Record<string, string>> = { icmpv6: 'ipv6-icmp', '1': 'icmp', '2': 'igmp', '47': 'gre' };

/** The word after `name`, which begins with a space or the packet; empty when it is not there. */
function field(packet: string, name: string): string {
  const at = packet.indexOf(name);
  if (at < 0) return '';
  const start = at + name.length;
  const end = packet.indexOf(' ', start);
  return packet.slice(start, end < 0 ? undefined : end);
}

function port(packet: string, name: string): number | undefined {
  const at = packet.indexOf(name);
  if (at < 0) return undefined;
  const start = at + name.length;
  const number = numberBetween(packet, start, digitsEnd(packet, start), 5);
  return number >= 0 && number <= 65_535 ? number : undefined;
}
