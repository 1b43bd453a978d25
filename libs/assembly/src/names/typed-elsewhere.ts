import type { FleetEvent } from '@fleetwall/core';

/** Where programs print a typed name that is not the one of `user.name`, or print it in a line that has none. */
const PLACES: Readonly<Record<string, RegExp>> = {
  sshd: /Change of username or service not allowed: \((.*),[^,()]*\) -> \((.*),[^,()]*\)/,
  pam: / ruser=(.*?) rhost=/,
  exim: / \(set_id=(.*?)\)(?:$|:)/,
  cyrus: /: user not found: (?:user: )?(.*)@[^@ ]* property: /,
  'pure-ftpd': /: \((.*?)@[^@)]*\) \[/,
};
const NONE: readonly string[] = [];
/** What is longer is no line of these programs; a pattern with two names looks at all pairs of places. */
const MAX_CHARS = 4_096;

/** Names that the line has besides, or instead of, `user.name`. */
export function namesElsewhere(event: FleetEvent): readonly string[] {
  const place = PLACES[event['event.module']];
  if (place === undefined) return NONE;
  const found = place.exec(String(event['event.original']).slice(0, MAX_CHARS));
  return found === null ? NONE : found.slice(1).filter((name) => name !== '' && name !== '?');
}
