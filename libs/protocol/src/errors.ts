import { type ErrorTable, errorsOf } from '@fleetwall/core';

/** Why a gateway refuses a connection or a message; the codes go over the wire, in notices and in refused upgrades. */
export const PROTOCOL_ERRORS = {
  CREDENTIAL_MISSING: {
    retryable: false,
    message: 'The request brings no credential.',
    hint: 'Give the collector the token of its credential (`fleetwall credential`).',
  },
  CREDENTIAL_UNKNOWN: {
    retryable: true,
    message: 'The gateway does not know this credential.',
    hint: 'Check the token; it may have been revoked, or the gateway has not read its credentials again yet.',
  },
  CREDENTIAL_REVOKED: {
    retryable: true,
    message: 'The credential of {agent} was taken away.',
    hint: 'Give the collector a new credential (`fleetwall credential`).',
  },
  CREDENTIAL_CLONED: {
    retryable: true,
    message: 'Another machine is connected with the credential of {agent}.',
    hint: 'Give each machine a credential of its own; a machine that was copied keeps those of the original.',
  },
  CONNECTION_REPLACED: {
    retryable: true,
    message: 'The same collector connected again.',
    hint: 'Nothing to do: its new connection goes on.',
  },
  PROTOCOL_UNSUPPORTED: {
    retryable: true,
    message: 'Collector and gateway have no version in common; the gateway speaks {supported}.',
    hint: 'Update the older one of the two.',
  },
  UPGRADE_INVALID: {
    retryable: false,
    message: 'This is no request for a WebSocket at {path}.',
    hint: 'Collectors connect to wss://gateway:port/v1/collector.',
  },
  HELLO_MISSING: {
    retryable: true,
    message: 'The first message is not a hello, or it did not come in time.',
    hint: 'A collector says hello before anything else.',
  },
  MESSAGE_INVALID: {
    retryable: false,
    message: 'In {message}, {field} {reason}.',
    hint: 'Collector and gateway disagree about the protocol; update the older one.',
  },
  MESSAGE_UNKNOWN: {
    retryable: false,
    message: 'There is no message "{message}" in this version; it was passed over.',
    hint: 'Update the gateway if the collector relies on it.',
  },
  BATCH_INVALID: {
    retryable: false,
    message: 'The batch cannot be read: {reason}.',
    hint: 'Collector and gateway disagree about the protocol; update the older one.',
  },
  BATCH_TOO_LARGE: {
    retryable: false,
    message: 'The batch is beyond a limit: {reason}.',
    hint: 'Send smaller batches.',
  },
  SEQUENCE_BROKEN: {
    retryable: true,
    message: 'Batch {sequence} came where {expected} was due.',
    hint: 'Batches are numbered from 1 on each connection, without a gap; connect again and send what was not acknowledged.',
  },
  WINDOW_EXCEEDED: {
    retryable: true,
    message: 'More is under way than the window allows: {reason}.',
    hint: 'Wait for acknowledgements before sending more.',
  },
  CONNECTION_SILENT: {
    retryable: true,
    message: 'Nothing was heard for {seconds} seconds.',
    hint: 'The network between them may be cut; a new connection is tried.',
  },
  GATEWAY_FULL: {
    retryable: true,
    message: 'The gateway has as many connections as it may have.',
    hint: 'Add a gateway, or raise its limit of connections.',
  },
  GATEWAY_STOPPING: {
    retryable: true,
    message: 'The gateway is shutting down.',
    hint: 'Nothing to do: the collector connects again.',
  },
} as const satisfies ErrorTable;

export const protocolError = errorsOf(PROTOCOL_ERRORS);

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/**
 * The close code of the WebSocket for each reason that closes one. 1009 is RFC 6455's "message too big"; 4000-4999 are
 * for private use (RFC 6455 section 7.4.2), and the last two digits follow HTTP's where there is a like.
 */
export const CLOSE_CODES = {
  GATEWAY_STOPPING: 1012,
  BATCH_TOO_LARGE: 1009,
  MESSAGE_INVALID: 4400,
  BATCH_INVALID: 4400,
  CREDENTIAL_REVOKED: 4401,
  HELLO_MISSING: 4408,
  CREDENTIAL_CLONED: 4409,
  CONNECTION_REPLACED: 4410,
  SEQUENCE_BROKEN: 4412,
  WINDOW_EXCEEDED: 4429,
  CONNECTION_SILENT: 4480,
} as const satisfies Partial<Record<ProtocolErrorCode, number>>;

export type ClosingCode = keyof typeof CLOSE_CODES;
