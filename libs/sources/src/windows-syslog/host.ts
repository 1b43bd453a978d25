import type { StreamContext } from '../log-format.js';

/** Of a line from afar the sender counts, never the name in it. */
export function hostOf(stream: StreamContext, named: string | undefined): string {
  return stream.evidence === 'handshake' ? (named ?? stream.host) : stream.host;
}
