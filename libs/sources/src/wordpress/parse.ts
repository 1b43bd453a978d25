import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { unrepeated } from '../repeated.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';

/**
 * What plugins of WordPress write to syslog as `wordpress(SITE)` or `wp(SITE)`: WP fail2ban, WP fail2ban Redux and those
 * that followed them. The address stands at the end, behind the name that was tried.
 */
export const wordpress: Source = {
  name: 'wordpress',
  programs: ['wordpress', 'wp'],
  parse,
};

/** `[XML-RPC |REST |Wordpress ]BEGINNING USER`. */
const KINDS: readonly { beginning: string; known?: boolean; reason: string }[] = [
  { beginning: 'authentication failure for ', known: true, reason: 'authentication failure' },
  { beginning: 'authentication attempt for unknown user ', known: false, reason: 'unknown user' },
  { beginning: 'blocked authentication attempt for ', reason: 'blocked user name' },
];
const WAYS = ['XML-RPC ', 'REST '];
const ADDRESS_AT_END = / from ([0-9A-Fa-f:.]{2,45})$/;

function parse(line: LogLine): FleetEvent | Unparsed {
  const { text, count } = unrepeated(line.message.trimEnd());
  const end = ADDRESS_AT_END.exec(text.slice(-60));
  if (end === null) return unknownMessage(line);
  const draft = readMessage(text.slice(0, text.length - end[0].length));
  if (draft === undefined) return notRelevant(line);
  setSource(draft, end[1] as string);
  if (count > 1 && draft.role !== undefined) draft.count = count;
  return finishHttp(draft, line);
}

/** @param said the message without ` from ADDR` */
function readMessage(said: string): EventDraft | undefined {
  if (said.startsWith('Accepted password for ')) {
    const user = said.slice(22);
    // The name of the site in the tag is the peer's own: whoever could write a success there writes blanks, too.
    return user.includes(' ') ? undefined : named(logon('wordpress', 'wordpress-logon'), user);
  }
  const way = WAYS.find((prefix) => said.startsWith(prefix)) ?? '';
  const rest = said.slice(way.length).replace(/^Wordpress /, '');
  if (rest === 'multicall authentication failure') return failure(undefined, 'xml-rpc', 'authentication failure');
  const lower = rest.charAt(0).toLowerCase() + rest.slice(1);
  const kind = KINDS.find(({ beginning }) => lower.startsWith(beginning));
  if (kind !== undefined) {
    const draft = failure(rest.slice(kind.beginning.length), way.trim().toLowerCase() || undefined, kind.reason);
    // The plugin that begins with its own name does not look whether the account exists.
    if (!said.startsWith('Wordpress ')) draft.userKnown = kind.known;
    return draft;
  }
  if (!said.startsWith('Blocked user enumeration attempt')) return undefined;
  return plainDraft('wordpress', 'wordpress-user-enumeration', CATEGORY.web, TYPE.denied);
}

function failure(user: string | undefined, method: string | undefined, reason: string): EventDraft {
  const draft = failedLogon('wordpress', 'wordpress-logon-failed');
  draft.user = user;
  draft.method = method;
  draft.reason = reason;
  draft.role = 'part';
  return draft;
}

function named(draft: EventDraft, user: string): EventDraft {
  draft.user = user;
  return draft;
}
