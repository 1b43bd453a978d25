import type { FleetEvent } from '@fleetwall/core';
import { EventDraft } from '../event-builder.js';
import type { LogLine } from '../source.js';
import { type Details, setPeer } from './details.js';

const IAM = ['iam'];

/** Records of tools that change accounts (shadow-utils, passwd, PAM): what they say happened. */
const ACTIONS: ReadonlyMap<string, readonly [action: string, type: string[]]> = new Map([
  ['ADD_USER', ['user-created', ['user', 'creation']]],
  ['DEL_USER', ['user-deleted', ['user', 'deletion']]],
  ['USER_MGMT', ['user-changed', ['user', 'change']]],
  ['ADD_GROUP', ['group-created', ['group', 'creation']]],
  ['DEL_GROUP', ['group-deleted', ['group', 'deletion']]],
  ['GRP_MGMT', ['group-changed', ['group', 'change']]],
  ['USER_CHAUTHTOK', ['user-credentials-changed', ['user', 'change']]],
  ['ACCT_LOCK', ['user-locked', ['user', 'change']]],
  ['ACCT_UNLOCK', ['user-unlocked', ['user', 'change']]],
  ['RESP_ACCT_LOCK', ['user-locked', ['user', 'change']]],
]);

export function isAccountRecord(type: string): boolean {
  return ACTIONS.has(type);
}

/** A changed account. Whose it is stands in `user.target.name`, or `user.target.id` where the record names a number. */
export function accountEvent(line: LogLine, type: string, details: Details): FleetEvent {
  const [action, types] = ACTIONS.get(type) ?? ['user-changed', ['user', 'change']];
  const draft = new EventDraft('auditd', action, IAM, types, details.succeeded ? 'success' : 'failure');
  draft.reason = details.operation;
  setPeer(draft, details);
  const event = draft.finish(line);
  const name = accountName(details.account);
  if (name !== undefined) event[types[0] === 'group' ? 'group.name' : 'user.target.name'] = name;
  if (details.id !== undefined) event[types[0] === 'group' ? 'group.id' : 'user.target.id'] = details.id;
  return event;
}

/** A name in quotes, or in hexadecimal digits; `?` and names in brackets (`(unknown user)`) stand for none. */
export function accountName(text: string | undefined): string | undefined {
  if (text === undefined || text === '?' || text === '"?"') return undefined;
  let name = text.slice(1, -1);
  if (!text.startsWith('"')) {
    if (!/^(?:[0-9A-F]{2})+$/.test(text)) return undefined;
    name = Buffer.from(text, 'hex').toString('utf8');
  }
  return /^\((?:unknown|invalid)( user)?\)$/.test(name) ? undefined : name;
}
