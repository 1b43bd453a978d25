import type { EventDraft } from '../event-builder.js';
import { numberBetween, setSource } from '../scan.js';

/** `[ADDR]:PORT I=[ADDR]:PORT Ci=N U=IDENT`: what exim knows of a connection; two groups, address and port. */
export const ADDRESS = String.raw`\[([0-9A-Fa-f:.]{2,45})\](?::(\d{1,5}))?(?: I=\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?| Ci=\d{1,20}| U=[^\s:]{1,64})*`;

/**
 * `NAME (HELO) ` and {@link ADDRESS}: the name as exim looked it up, HELO as the peer gave it, either of them or both
 * missing. HELO has no blanks unless `helo_accept_junk_hosts` allows them.
 */
export const PEER = String.raw`(?:[^\s()[\]"=]{1,255} )?(?:\([^\s()]{0,255}\) )?${ADDRESS}`;

export function setPeer(draft: EventDraft, address: string, port: string | undefined): void {
  setSource(draft, address);
  if (port !== undefined) draft.port = numberBetween(port, 0, port.length, 5);
}
