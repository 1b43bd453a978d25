import { type ErrorTable, errorsOf } from '@fleetwall/core';

/** Why there is no connection to the gateway. Every one is tried again, for ever. */
export const UPLINK_ERRORS = {
  UPLINK_CLOSED: {
    retryable: false,
    message: 'The connection to the gateway was closed.',
    hint: 'The collector is shutting down; what was not acknowledged is sent after its next start.',
  },
  UPLINK_UNREACHABLE: {
    retryable: true,
    message: 'Cannot reach {gateway}: {reason}.',
    hint: 'Check the address, the gateway, and what lies between: firewalls, routes, the proxy.',
  },
  UPLINK_PROXY_REFUSED: {
    retryable: true,
    message: 'The proxy {proxy} does not connect to {gateway}: {reason}.',
    hint: 'Allow the proxy to connect to the gateway, or correct its address, user and password.',
  },
  UPLINK_NOT_TLS: {
    retryable: true,
    message: '{gateway} does not speak TLS 1.2 or newer: {reason}.',
    hint: 'Check that the port is the one for collectors; an inspecting proxy on the way must let it through.',
  },
  UPLINK_PIN_WRONG: {
    retryable: true,
    message: '{gateway} has the key sha256/{pin}, which is not one of those pinned.',
    hint: 'If the gateway was given a new key on purpose, add its fingerprint to the pins; else somebody is in between.',
  },
  UPLINK_CERTIFICATE_REFUSED: {
    retryable: true,
    message: 'The certificate of {gateway} is not accepted: {reason}.',
    hint: 'Renew it, give the certificates that sign it (ca), or pin its key.',
  },
  UPLINK_REFUSED: {
    retryable: true,
    message: '{gateway} refuses the connection ({status}): {reason}',
    hint: '{hint}',
  },
  UPLINK_LOST: {
    retryable: true,
    message: 'The connection to {gateway} ended: {reason}.',
    hint: 'It is made again; what was not acknowledged is sent again.',
  },
  UPLINK_SILENT: {
    retryable: true,
    message: 'Nothing was heard of {gateway} for {seconds} seconds.',
    hint: 'The network between may be cut; the connection is made again.',
  },
} as const satisfies ErrorTable;

export const uplinkError = errorsOf(UPLINK_ERRORS);
