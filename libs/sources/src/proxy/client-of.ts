import { canonicalAddress } from '@fleetwall/core';
import type { TrustedProxies } from './trusted-proxies.js';

/** More proxies in a row than any real chain has. */
const MAX_HOPS = 32;
/** `[` 45 characters of an address `]:65535`, and blanks around it. */
const MAX_HOP_CHARS = 64;

/**
 * Who is behind a connection: the peer, or, when the peer is a trusted proxy, the rightmost hop of `X-Forwarded-For` that
 * is none. Each proxy appends whom it saw, so what stands further left is whatever an outsider sent along.
 *
 * A trusted proxy that tells nothing is itself the answer. Undefined: a trusted proxy names somebody who cannot be read, so
 * that nobody is known; or the chain is longer than any real one. The cost is bounded by that, however long the header.
 *
 * @param peer the other end of the TCP connection, canonical
 * @param forwardedFor the header's value: `hop, hop, …`; a hop is `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1` or
 *   `[2001:db8::1]:5000`. Undefined, empty or `-` when there was none
 * @returns canonical
 */
export function clientOf(
  peer: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies | undefined,
): string | undefined {
  if (trusted === undefined || trusted.isEmpty || !trusted.has(peer)) return peer;
  if (forwardedFor === undefined || forwardedFor === '' || forwardedFor === '-') return peer;
  let end = forwardedFor.length;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const comma = lastCommaBefore(forwardedFor, end);
    if (comma === undefined) return undefined;
    const hop = addressOfHop(forwardedFor.slice(comma + 1, end));
    if (hop === undefined || !trusted.has(hop) || comma < 0) return hop;
    end = comma;
  }
  return undefined;
}

/** -1 when the hop is the first; undefined when it is too long to be one. */
function lastCommaBefore(text: string, end: number): number | undefined {
  const start = Math.max(0, end - MAX_HOP_CHARS);
  for (let at = end - 1; at >= start; at--) {
    if (text.charCodeAt(at) === 44) return at;
  }
  return start === 0 ? -1 : undefined;
}

const WITH_PORT = /^(?:\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?|([0-9.]{7,15}):\d{1,5})$/;

function addressOfHop(text: string): string | undefined {
  const hop = text.trim();
  const match = WITH_PORT.exec(hop);
  return canonicalAddress(match?.[1] ?? match?.[2] ?? hop);
}
