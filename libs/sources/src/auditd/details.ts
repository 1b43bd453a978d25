import { canonicalAddress } from '@fleetwall/core';
import type { EventDraft } from '../event-builder.js';
import { setSource } from '../scan.js';

/** What a program told the kernel, between `msg='` and `'`. */
export interface Details {
  /** What was done, in the program's words: `PAM:authentication`, `password`, `add-user`. */
  operation: string;
  /** As it stands there: in quotes, in hexadecimal digits, or absent where there is `id=`. */
  account: string | undefined;
  /** `id=`, `uid=`, `suid=`: the account's number. */
  id: string | undefined;
  executable: string;
  hostname: string;
  address: string;
  succeeded: boolean;
}

/**
 * `msg='op=OP … acct="USER" exe="/usr/sbin/sshd" hostname=H addr=ADDR terminal=T res=failed'`; before audit 1.8
 * `msg='PAM: OP acct="USER" : exe="…" (hostname=H, addr=ADDR, terminal=T res=failed)'`. The library writes a name with a
 * space, a quote or a control character as hexadecimal digits, so a quoted name ends at its quote.
 */
const DETAILS =
  /^msg='(?:op=)?([^="']{1,80}?) (?:[a-z_-]+=[^ ]+ ){0,4}?(?:acct=("[^"]*"|[^ ]+)|(?:s?u)?id=(\d+)) (?:: )?exe="([^"]*)" \(?hostname=([^ ,]+),? addr=([^ ,]+),? terminal=([^ ,)]+),? res(?:ult)?=(\w+)\)?'/;

/** More than the kernel takes as one record (MAX_AUDIT_MESSAGE_LENGTH is 8,970), in characters. */
const MAX_RECORD = 16_384;

export function readDetails(text: string): Details | undefined {
  if (text.length > MAX_RECORD) return undefined;
  const match = DETAILS.exec(text.slice(Math.max(0, text.indexOf("msg='"))));
  if (match === null) return undefined;
  const [, operation = '', account, id, executable = '', hostname = '?', address = '?', , result = ''] = match;
  return { operation, account, id, executable, hostname, address, succeeded: /^success$/i.test(result) };
}

/**
 * The peer's address as the program gave it. PAM gives a name alone, and then the library looks `addr=` up by itself: the
 * name's owner says what comes of it. So beside a name it is taken from other operations only.
 */
export function setPeer(draft: EventDraft, { operation, hostname, address }: Details): void {
  const isLookedUp =
    operation.startsWith('PAM') && hostname !== '?' && canonicalAddress(hostname) !== canonicalAddress(address);
  const peer = isLookedUp ? hostname : address;
  if (peer !== '?') setSource(draft, peer);
}
