import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FleetwallError } from '@fleetwall/core';
import {
  COLLECTOR_PATH,
  chooseSubprotocol,
  type ProtocolErrorCode,
  protocolError,
  SUBPROTOCOLS,
} from '@fleetwall/protocol';
import type { Credential, Credentials } from '../credentials/credentials.js';
import type { ServerStats } from './server-stats.js';

/** Longer ones are no tokens. */
const MAX_AUTHORIZATION_CHARS = 256;

/** HTTP's status for each reason that refuses an upgrade. */
const STATUS = {
  UPGRADE_INVALID: 400,
  CREDENTIAL_MISSING: 401,
  CREDENTIAL_UNKNOWN: 401,
  PROTOCOL_UNSUPPORTED: 400,
  GATEWAY_FULL: 503,
} as const satisfies Partial<Record<ProtocolErrorCode, number>>;

const REASON_PHRASES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  503: 'Service Unavailable',
};

const COUNTERS = {
  UPGRADE_INVALID: 'refusedUpgrades',
  CREDENTIAL_MISSING: 'refusedCredentials',
  CREDENTIAL_UNKNOWN: 'refusedCredentials',
  PROTOCOL_UNSUPPORTED: 'refusedVersions',
  GATEWAY_FULL: 'refusedFull',
} as const satisfies Record<keyof typeof STATUS, keyof ServerStats>;

/**
 * Whom an upgrade belongs to. The cheap questions come first, and none costs more than one hash.
 *
 * @throws a reason of {@link STATUS}
 */
export function checkUpgrade(request: IncomingMessage, credentials: Credentials, isFull: () => boolean): Credential {
  const [path] = (request.url ?? '').split('?', 1);
  if (path !== COLLECTOR_PATH) throw protocolError('UPGRADE_INVALID', { path: COLLECTOR_PATH });
  const { authorization } = request.headers;
  if (authorization === undefined || authorization.length > MAX_AUTHORIZATION_CHARS) {
    throw protocolError('CREDENTIAL_MISSING');
  }
  const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw protocolError('CREDENTIAL_MISSING');
  const credential = credentials.find(token);
  if (!credential) throw protocolError('CREDENTIAL_UNKNOWN');
  if (chooseSubprotocol(request.headers['sec-websocket-protocol']) === undefined) {
    throw protocolError('PROTOCOL_UNSUPPORTED', { supported: SUBPROTOCOLS.join(', ') });
  }
  if (isFull()) throw protocolError('GATEWAY_FULL');
  return credential;
}

/** Answers with the reason as JSON, and closes. */
export function refuseUpgrade(socket: Duplex, error: FleetwallError, stats: ServerStats): void {
  const code = error.code as keyof typeof STATUS;
  stats[COUNTERS[code]]++;
  const body = JSON.stringify({ code, message: error.message, hint: error.hint });
  const head = [
    `HTTP/1.1 ${STATUS[code]} ${REASON_PHRASES[STATUS[code]]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(STATUS[code] === 401 ? ['WWW-Authenticate: Bearer'] : []),
    ...(STATUS[code] === 503 ? ['Retry-After: 30'] : []),
  ].join('\r\n');
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`${head}\r\n\r\n${body}`);
}
