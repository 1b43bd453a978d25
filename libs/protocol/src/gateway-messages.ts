import type { DesiredBlock } from '@fleetwall/core';
import type { UnknownMessage } from './collector-messages.js';
import { type Fields, readMessage } from './fields.js';
import { PROTOCOL_LIMITS } from './limits.js';
import type { BlocksPosition } from './messages.js';
import { readPosition } from './position.js';

const NAME_KEY_CHARS = 64;
const { nameChars, sentenceChars, blocksPerMessage } = PROTOCOL_LIMITS;

/** How much may be under way: sent and not acknowledged. One batch may always be, whatever its size, unless batches is 0. */
export interface SendWindow {
  batches: number;
  /** Before compression. */
  bytes: number;
}

/** The answer to a hello. */
export interface Welcome {
  type: 'welcome';
  version: 1;
  /** Of the gateway's process, for people. */
  gateway: string;
  /** Who the credential says the collector is. */
  agent: string;
  host: string;
  tenant: string;
  /** Those of the hello that the gateway knows too. */
  features: string[];
  /** The gateway's clock, milliseconds since 1970 UTC. */
  timeMs: number;
  window: SendWindow;
  /** The gateway sends a WebSocket ping this often. Who hears nothing for two and a half times as long, closes. */
  pingMs: number;
  /** Public keys that the gateway will have next: SHA-256 of their SubjectPublicKeyInfo, base64. */
  nextPins: string[];
  /** The fleet's secret under which names of accounts are digested: 64 hexadecimal digits. Absent: the collector's own. */
  nameKey?: string;
}

/** Every batch up to the sequence is durable. */
export interface Ack {
  type: 'ack';
  sequence: number;
}

/** A new window, in place of the one before it. */
export type WindowChange = { type: 'window' } & SendWindow;

/** A snapshot begins: what follows up to its end is gathered, and applied whole there. */
export type SnapshotBegin = { type: 'snapshot.begin' } & BlocksPosition;

/** Parts apply in their order: a later one may replace or remove what an earlier one added. */
export interface SnapshotPart {
  type: 'snapshot.part';
  add: DesiredBlock[];
  remove: string[];
}

/** @property count blocks that are there after the last part */
export interface SnapshotEnd {
  type: 'snapshot.end';
  count: number;
}

/** A change; its revision is not lower than that of what came before it. */
export type Delta = { type: 'delta'; add: DesiredBlock[]; remove: string[] } & BlocksPosition;

/** Something that went wrong, for the collector's log and status. Closes nothing by itself. */
export interface Notice {
  type: 'notice';
  /** A code of docs/errors.md. */
  code: string;
  message: string;
  hint: string;
}

/** The public keys that the gateway will have next have changed. */
export interface PinsChange {
  type: 'pins';
  nextPins: string[];
}

/** Text messages from gateway to collector: one JSON object each. */
export type GatewayMessage =
  | Welcome
  | Ack
  | WindowChange
  | SnapshotBegin
  | SnapshotPart
  | SnapshotEnd
  | Delta
  | Notice
  | PinsChange;

/** Unknown fields are passed over. Throws MESSAGE_INVALID, naming the field. */
export function decodeGatewayMessage(text: string): GatewayMessage | UnknownMessage {
  const { type, fields } = readMessage(text);
  switch (type) {
    case 'welcome':
      return readWelcome(fields);
    case 'ack':
      return { type, sequence: fields.count('sequence', 1) };
    case 'window':
      return { type, ...readWindow(fields) };
    case 'snapshot.begin':
      return { type, ...readPosition(fields) };
    case 'snapshot.part':
      return { type, ...readChange(fields) };
    case 'snapshot.end':
      return { type, count: fields.count('count', 0, PROTOCOL_LIMITS.blocksPerSnapshot) };
    case 'delta':
      return { type, ...readPosition(fields), ...readChange(fields) };
    case 'notice':
      return {
        type,
        code: fields.text('code', nameChars),
        message: fields.text('message', sentenceChars),
        hint: fields.text('hint', sentenceChars),
      };
    case 'pins':
      return { type, nextPins: readPins(fields) };
    default:
      return { type: 'unknown', name: type };
  }
}

function readWelcome(fields: Fields): Welcome {
  return {
    type: 'welcome',
    version: fields.count('version', 1, 1) as 1,
    gateway: fields.text('gateway', nameChars),
    agent: fields.text('agent', nameChars),
    host: fields.text('host', nameChars),
    tenant: fields.text('tenant', nameChars),
    features: fields.texts('features', PROTOCOL_LIMITS.features, nameChars),
    timeMs: fields.count('timeMs'),
    window: readWindow(fields.object('window')),
    pingMs: fields.count('pingMs', 100, 3_600_000),
    nextPins: readPins(fields),
    ...(fields.has('nameKey') && { nameKey: fields.digits('nameKey', NAME_KEY_CHARS) }),
  };
}

function readWindow(fields: Fields): SendWindow {
  return { batches: fields.count('batches', 0, 1_000), bytes: fields.count('bytes', 0, 2 ** 32) };
}

function readPins(fields: Fields): string[] {
  return fields.texts('nextPins', PROTOCOL_LIMITS.pins, 64);
}

function readChange(fields: Fields): { add: DesiredBlock[]; remove: string[] } {
  return {
    add: fields.objects('add', blocksPerMessage, readBlock),
    remove: fields.texts('remove', blocksPerMessage, nameChars),
  };
}

/**
 * Whether the target may be blocked at all is for the host's own rails, not for the codec. Ports that are not known here
 * are all ports.
 */
function readBlock(fields: Fields): DesiredBlock {
  return {
    id: fields.text('id', nameChars),
    target: fields.text('target', nameChars),
    untilMs: fields.count('untilMs'),
    ...(fields.has('except') && { except: fields.texts('except', blocksPerMessage, nameChars) }),
    ...(fields.has('cutSessions') && { cutSessions: fields.flag('cutSessions') }),
    ...(fields.is('ports', 'web') && { ports: 'web' }),
  };
}
