import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/**
 * su of util-linux, shadow, the BSDs and Solaris. `user.name` is the account that was asked for; who asked stands in
 * `fleetwall.user.by`. Both are accounts of the host, one word each.
 */
export const su: Source = { name: 'su', programs: ['su', 'su-l'], parse: parseSu };

/** Each with the account asked for (`to`) and who asked (`by`). */
const FAILED = [
  /^FAILED SU \(to (?<to>[^ )]+)\) (?<by>[^ ]+) on /,
  /^FAILED su for (?<to>[^ ]+) by (?<by>[^ ]+)$/,
  /^BAD SU (?<by>[^ ]+) to (?<to>[^ ]+) on /,
  /^failed: [^ ]+ changing from (?<by>[^ ]+) to (?<to>[^ ]+)$/,
  /^'su (?<to>[^ ]+)' failed for (?<by>[^ ]+) on /,
];
const SUCCEEDED = [
  /^\(to (?<to>[^ )]+)\) (?<by>[^ ]+) on /,
  /^Successful su for (?<to>[^ ]+) by (?<by>[^ ]+)$/,
  /^(?<by>[^ ]+) to (?<to>[^ ]+) on /,
  /^'su (?<to>[^ ]+)' succeeded for (?<by>[^ ]+) on /,
];

/** shadow says every result a second time: `+ pts/0 alice:root`. */
const REPEATED = /^[+-] [^ ]+ [^ :]+[:-][^ ]+$/;

function parseSu(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.trim();
  const failed = firstMatch(FAILED, text);
  if (failed !== undefined) {
    const draft = failedLogon('su', 'su-failed');
    draft.role = 'part';
    return finish(line, draft, failed);
  }
  const succeeded = firstMatch(SUCCEEDED, text);
  if (succeeded !== undefined) return finish(line, logon('su', 'su'), succeeded);
  return REPEATED.test(text) ? notRelevant(line) : unknownMessage(line);
}

function firstMatch(patterns: RegExp[], text: string): Record<string, string> | undefined {
  for (const pattern of patterns) {
    const groups = pattern.exec(text)?.groups;
    if (groups !== undefined) return groups;
  }
  return undefined;
}

function finish(line: LogLine, draft: EventDraft, names: Record<string, string>): FleetEvent {
  draft.user = names.to as string;
  const event = draft.finish(line);
  event['fleetwall.user.by'] = names.by as string;
  return event;
}
