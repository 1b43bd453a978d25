import { createHash } from 'node:crypto';
import type { FleetEvent } from '@fleetwall/core';
import { iso } from '../api/iso.js';

/** Who reports, as the recipient is to know them. */
export interface Reporter {
  org: string;
  /** A mail address. */
  contact: string;
}

/** What is reported: failed logons over connections that were made, so the address was not forged. */
export interface AbuseFacts {
  id: string;
  address: string;
  reporter: Reporter;
  madeMs: number;
  attempts: number;
  firstMs: number;
  lastMs: number;
  /** Kinds of logs that tell of it, most lines first: `sshd`, `dovecot`. */
  services: string[];
  /** The newest first. */
  events: FleetEvent[];
  /** Whether the names and addresses of the hosts are told. */
  withHosts: boolean;
}

export interface AbuseDraft {
  subject: string;
  text: string;
  /** XARF v4, type `connection/login_attack`. */
  report: Record<string, unknown>;
  /** A mail without a recipient, in X-ARF 0.2. */
  mail: string;
}

/**
 * A report for a person to send. Lines are written anew from fields that no attacker writes: user names, which may be
 * passwords, and whatever else a raw line holds are in none of it.
 */
export function abuseDraft(facts: AbuseFacts): AbuseDraft {
  const subject = `Abuse report: failed logons from ${facts.address}`;
  const evidence = evidenceOf(facts);
  const text = `${letterOf(facts)}\n${evidence}`;
  return { subject, text, report: reportOf(facts, evidence), mail: mailOf(facts, subject, text, evidence) };
}

function letterOf({ address, attempts, firstMs, lastMs, services, reporter, events, madeMs }: AbuseFacts): string {
  const from = services.length > 0 ? ` The services were: ${services.join(', ')}.` : '';
  return [
    'Hello,',
    '',
    `between ${iso(firstMs)} and ${iso(lastMs)} the address ${address}, which we believe to be in your network, tried to log on to our servers and failed ${attempts} ${attempts === 1 ? 'time' : 'times'}.${from}`,
    'The connections were complete TCP connections, so the address was not forged.',
    '',
    `The newest ${events.length === 1 ? 'attempt stands' : `${events.length} attempts stand`} at the end, in UTC. Names of accounts are left out.`,
    'Please look into it; a machine there may be under the control of somebody else.',
    '',
    `${reporter.org} <${reporter.contact}>, ${iso(madeMs)}`,
    '',
  ].join('\n');
}

function evidenceOf({ events, withHosts }: AbuseFacts): string {
  return events.map((event) => `${lineOf(event, withHosts)}\n`).join('');
}

function lineOf(event: FleetEvent, withHosts: boolean): string {
  const { '@timestamp': timeMs, 'event.module': module, 'source.ip': address, 'source.port': port } = event;
  const [to, toPort] = [event['destination.ip'], event['destination.port']];
  const host = withHosts ? ` on ${event['host.name']}${to === undefined ? '' : ` (${to})`}` : '';
  const service = typeof toPort === 'number' ? `${module} (port ${toPort})` : module;
  return `${iso(timeMs)} ${service}: logon failed, from ${address}${port === undefined ? '' : ` port ${port}`}${host}`;
}

/** https://github.com/xarf/xarf-spec, schemas/v4/types/connection-login-attack.json. */
function reportOf(facts: AbuseFacts, evidence: string): Record<string, unknown> {
  const { id, address, reporter, attempts, firstMs, lastMs, events, withHosts } = facts;
  const payload = Buffer.from(evidence);
  const party = { org: reporter.org, contact: reporter.contact, domain: domainOf(reporter) };
  const [newest] = events;
  const [port, to, toPort] = [newest?.['source.port'], newest?.['destination.ip'], newest?.['destination.port']];
  return {
    ...{ xarf_version: '4.0.0', report_id: id, timestamp: iso(lastMs), reporter: party, sender: party },
    ...{ source_identifier: address, ...(port === undefined ? {} : { source_port: port }) },
    ...{ category: 'connection', type: 'login_attack', protocol: 'tcp' },
    ...{ first_seen: iso(firstMs), last_seen: iso(lastMs), evidence_source: 'ids_detection' },
    ...(withHosts && to !== undefined ? { destination_ip: to } : {}),
    ...(typeof toPort === 'number' ? { destination_port: toPort } : {}),
    description: `${attempts} failed logons`,
    evidence: [
      {
        content_type: 'text/plain',
        description: `The newest ${events.length} of ${attempts} attempts, in UTC`,
        payload: payload.toString('base64'),
        hash: `sha256:${createHash('sha256').update(payload).digest('hex')}`,
        size: payload.length,
      },
    ],
  };
}

/**
 * X-ARF 0.2: a letter, the report as `Key: value`, what proves it. `X-Unsent` lets mail programs open it as a draft. Only
 * the organisation and the contact are not ours, and neither can break a header.
 */
function mailOf(facts: AbuseFacts, subject: string, text: string, evidence: string): string {
  const { id, reporter, madeMs } = facts;
  const boundary = `report-${id}`;
  const part = (name: string | undefined, body: string) => [
    `--${boundary}`,
    `Content-Type: text/plain; charset=utf-8${name === undefined ? '' : `; name="${name}"`}`,
    'Content-Transfer-Encoding: 8bit',
    '',
    ...body.trimEnd().split('\n'),
    '',
  ];
  return [
    `From: ${reporter.contact}`,
    `Subject: ${subject}`,
    `Date: ${mailDate(madeMs)}`,
    `Message-ID: <${id}@${domainOf(reporter)}>`,
    'MIME-Version: 1.0',
    'X-Unsent: 1',
    'X-XARF: PLAIN',
    'Auto-Submitted: auto-generated',
    `Content-Type: multipart/mixed; charset=utf-8; boundary="${boundary}"`,
    '',
    ...part(undefined, text),
    ...part('report.txt', plainReportOf(facts)),
    ...part('attempts.log', evidence),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

/** http://www.x-arf.org/schema/abuse_login-attack_0.1.2.json. */
function plainReportOf({ id, address, reporter, madeMs, services, attempts, events }: AbuseFacts): string {
  const port = events[0]?.['destination.port'];
  return [
    '---',
    `Reported-From: ${reporter.contact}`,
    'Category: abuse',
    'Report-Type: login-attack',
    `Report-ID: ${id}@${domainOf(reporter)}`,
    `Service: ${services[0] ?? 'unspecified'}`,
    'Version: 0.2',
    'User-Agent: Fleetwall',
    `Date: ${mailDate(madeMs)}`,
    'Source-Type: ip-address',
    `Source: ${address}`,
    ...(typeof port === 'number' ? [`Port: ${port}`] : []),
    'Schema-URL: http://www.x-arf.org/schema/abuse_login-attack_0.1.2.json',
    'Attachment: text/plain',
    `Occurrences: ${attempts}`,
  ].join('\n');
}

/** RFC 5322 section 3.3. */
function mailDate(timeMs: number): string {
  return new Date(timeMs).toUTCString().replace('GMT', '+0000');
}

function domainOf({ contact }: Reporter): string {
  return contact.slice(contact.lastIndexOf('@') + 1);
}
