import type { Enforcement } from '@fleetwall/core';
import { readMessage } from './fields.js';
import { PROTOCOL_LIMITS } from './limits.js';
import type { BlocksPosition } from './messages.js';
import { readPosition } from './position.js';

const { nameChars, sentenceChars } = PROTOCOL_LIMITS;

/** The first message of a connection, once. */
export interface Hello {
  type: 'hello';
  version: 1;
  /** Random, made when the collector starts: tells a collector that came back from a copy of its machine. */
  instance: string;
  /** Of the program, for people. */
  agentVersion: string;
  features: string[];
  /** The collector's clock, milliseconds since 1970 UTC. */
  timeMs: number;
  /** The blocks it has already, when it knows. */
  holds?: BlocksPosition;
}

/** What the host did about its blocks up to a position; the latest replaces those before it. At most one a second. */
export type Report = { type: 'report'; epoch?: string } & Omit<Enforcement, 'host'>;

/** Text messages from collector to gateway: one JSON object each. */
export type CollectorMessage = Hello | Report;

/** A message of a later version: passed over. */
export interface UnknownMessage {
  type: 'unknown';
  name: string;
}

/** Unknown fields are passed over. Throws MESSAGE_INVALID, naming the field. */
export function decodeCollectorMessage(text: string): CollectorMessage | UnknownMessage {
  const { type, fields } = readMessage(text);
  switch (type) {
    case 'hello':
      return {
        type,
        version: fields.count('version', 1, 1) as 1,
        instance: fields.text('instance', nameChars),
        agentVersion: fields.text('agentVersion', nameChars),
        features: fields.texts('features', PROTOCOL_LIMITS.features, nameChars),
        timeMs: fields.count('timeMs'),
        ...(fields.has('holds') && { holds: readPosition(fields.object('holds')) }),
      };
    case 'report':
      return {
        type,
        ...readPosition(fields),
        armed: fields.flag('armed'),
        firewall: fields.text('firewall', nameChars),
        inForce: fields.count('inForce'),
        exceptions: fields.objects('exceptions', PROTOCOL_LIMITS.exceptions, (exception) => ({
          id: exception.text('id', nameChars),
          target: exception.text('target', nameChars),
          state: exception.oneOf('state', ['ineffective', 'refused'] as const),
          reason: exception.text('reason', sentenceChars),
        })),
        atMs: fields.count('atMs'),
      };
    default:
      return { type: 'unknown', name: type };
  }
}

/** What is longer than its limit is cut, so that one long reason keeps no report back. */
export function reportOf(enforcement: Enforcement, epoch: string | undefined): Report {
  const { revision, armed, firewall, inForce, atMs } = enforcement;
  const exceptions = enforcement.exceptions.slice(0, PROTOCOL_LIMITS.exceptions).map((exception) => ({
    ...exception,
    reason: exception.reason.slice(0, sentenceChars) || 'unknown',
  }));
  return {
    type: 'report',
    ...(epoch !== undefined && { epoch }),
    revision,
    armed,
    firewall,
    inForce,
    exceptions,
    atMs,
  };
}
