/** The path collectors connect to. */
export const COLLECTOR_PATH = '/v1/collector';

/** Subprotocols (RFC 6455 section 1.9) that this package speaks, the newest first. */
export const SUBPROTOCOLS = ['fleetwall.v1'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

export const PROTOCOL_VERSION = 1;

/** What a version 1 peer may name in `features`; what it does not know, it passes over. */
export const FEATURES = ['gzip', 'deflate'] as const;

/** A header longer than this is no list of versions. */
const MAX_HEADER_CHARS = 512;

/**
 * The newest version that both speak, by the offers of `Sec-WebSocket-Protocol`; undefined when there is none, or the
 * header is no list. Linear in the length of the header.
 */
export function chooseSubprotocol(offers: string | undefined): Subprotocol | undefined {
  if (offers === undefined || offers.length > MAX_HEADER_CHARS) return undefined;
  const offered = new Set(offers.split(',').map((offer) => offer.trim()));
  return SUBPROTOCOLS.find((known) => offered.has(known));
}
