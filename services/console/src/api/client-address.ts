import { canonicalAddress } from '@fleetwall/core';
import { clientOf, type TrustedProxies } from '@fleetwall/sources';
import type { HttpRequest } from './ask.js';

/** Who is at the other end: the peer, or whom a trusted proxy names. */
export class ClientAddress {
  constructor(private readonly proxies: TrustedProxies) {}

  /** Canonical; undefined when a proxy that is trusted names nobody who can be read. */
  of({ raw, headers }: HttpRequest): string | undefined {
    const peer = canonicalAddress(raw.socket.remoteAddress ?? '');
    if (peer === undefined) return undefined;
    return clientOf(peer, forwardedFor(headers), this.proxies);
  }

  /**
   * The address as evidence against somebody: undefined where it may be that of a proxy which nobody told of, behind which
   * are many.
   */
  evidenceOf(request: HttpRequest): string | undefined {
    const address = this.of(request);
    const peer = canonicalAddress(request.raw.socket.remoteAddress ?? '');
    return address === peer && forwardedFor(request.headers) !== undefined ? undefined : address;
  }
}

function forwardedFor(headers: HttpRequest['headers']): string | undefined {
  const value = headers['x-forwarded-for'];
  return Array.isArray(value) ? value.join(',') : value;
}
