import type { FleetEvent } from '@fleetwall/core';
import { isUnparsed, type Unparsed } from './source.js';

/**
 * Text is cut on its way: at 1,023 bytes by sshd, at 1,024 with the header by musl and by relays of RFC 3164, at 2,048 by
 * nginx, at 8,192 by rsyslog. What is shorter than all of these has its end.
 */
const SURELY_WHOLE_BYTES = 900;
const MAX_UTF8_BYTES = 3;

function mayBeCut(text: string): boolean {
  if (text.length <= SURELY_WHOLE_BYTES / MAX_UTF8_BYTES || isObject(text)) return false;
  return text.length > SURELY_WHOLE_BYTES || Buffer.byteLength(text) > SURELY_WHOLE_BYTES;
}

/** JSON that lost its end is none: what was read of it is whole. */
function isObject(text: string): boolean {
  return text.charCodeAt(0) === 123 && text.charCodeAt(text.length - 1) === 125;
}

/**
 * What a line tells, without its peer if the line may have lost its end: a name that is long enough pushes the address that
 * the program wrote out of the line, and one that the name holds stands in its place.
 *
 * @param text the program's own words
 */
export function believed(result: FleetEvent | Unparsed, text: string): FleetEvent | Unparsed {
  return isUnparsed(result) || !mayBeCut(text) ? result : withoutPeer(result);
}

/** The event of a line that a reader cut, marked as such: behind the cut stood who it really was. */
export function cutShort(event: FleetEvent): FleetEvent {
  return { ...withoutPeer(event), 'fleetwall.truncated': true };
}

function withoutPeer(event: FleetEvent): FleetEvent {
  const { 'source.ip': _ip, 'source.port': _port, 'source.domain': _domain, ...rest } = event;
  return rest as FleetEvent;
}
