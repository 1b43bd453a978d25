import type { AttemptRole, EvidenceClass, FleetEvent } from '@fleetwall/core';
import { type AccountState, CATEGORY, EventDraft, TYPE } from './event-builder.js';
import { numberBetween, setSource } from './scan.js';
import type { LogLine } from './source.js';

/**
 * One kind of message, for programs whose messages are few and of one shape each.
 *
 * `pattern` is anchored and linear in the length of the message. Its named groups become fields: `user` (`user.name`, also
 * an empty one), `peer` (`source.ip` or `source.domain`), `port` (`source.port`), `end` (both: `ADDR`, `ADDR:PORT`,
 * `[ADDR]:PORT`), `reason` (`event.reason`), `count` (`fleetwall.attempt.count`). Where the
 * peer writes a part of the message, everything that follows it stands in the pattern to the very end, and the part
 * itself is greedy: so a part that imitates the program's words is a part still.
 */
export interface MessageForm {
  pattern: RegExp;
  action: string;
  /** What became of a try to log on; absent: the event tells of none and has no outcome. */
  outcome?: 'success' | 'failure';
  role?: AttemptRole;
  /** Without an outcome; `network` and `info` when absent. */
  category?: string[];
  type?: string[];
  /** Whether the account exists, where such a message says so. */
  known?: boolean;
  accountState?: AccountState;
  method?: string;
}

/**
 * No program here writes a longer message, in characters. What is longer is none of theirs, and not worth what an expression
 * would cost on it: V8 gives up on very long texts with an error.
 */
export const MAX_MESSAGE = 65_536;

/** The event of the message by the first form that it has; undefined when it has none. @param known beside its groups */
export function readForms(
  module: string,
  forms: readonly MessageForm[],
  line: LogLine,
  text = line.message,
  known: FormGroups = {},
): FleetEvent | undefined {
  if (text.length > MAX_MESSAGE) return undefined;
  for (const form of forms) {
    const match = form.pattern.exec(text);
    if (match !== null) return eventOf(module, form, line, match.groups ?? NONE, known);
  }
  return undefined;
}

/** What a form's groups are called, and what is known of the message beside it. */
export interface FormGroups {
  user?: string;
  peer?: string;
  port?: string;
  end?: string;
  reason?: string;
  /** `fleetwall.attempt.count`, of a summary */
  count?: string;
  /** `service.type` */
  service?: string;
}

const NONE: FormGroups = {};

/** Each group by itself, since objects made of others cost more than the rest of an event. */
function eventOf(module: string, form: MessageForm, line: LogLine, groups: FormGroups, known: FormGroups): FleetEvent {
  const draft = draftOf(module, form);
  draft.user = groups.user ?? known.user;
  draft.reason = groups.reason ?? known.reason;
  draft.service = groups.service ?? known.service;
  const count = groups.count ?? known.count;
  const tries = count === undefined ? -1 : numberBetween(count, 0, count.length, 6);
  if (tries >= 0) draft.count = tries;
  const end = groups.end ?? known.end;
  if (end !== undefined) setEnd(draft, end);
  else setPeer(draft, groups.peer ?? known.peer, groups.port ?? known.port);
  return draft.finish(line);
}

function setPeer(draft: EventDraft, peer: string | undefined, port: string | undefined): void {
  if (peer !== undefined) setSource(draft, peer);
  const number = port === undefined ? -1 : numberBetween(port, 0, port.length, 5);
  if (number >= 0 && draft.ip !== undefined) draft.port = number;
}

/** Without brackets an IPv6 address has no port: where it ends could not be told. */
function setEnd(draft: EventDraft, text: string): void {
  const match = END.exec(text);
  if (match === null) setSource(draft, text);
  else setPeer(draft, match[1] ?? match[2] ?? '', match[3]);
}

const END = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/;

function draftOf(module: string, form: MessageForm): EventDraft {
  const { action, outcome, category, type } = form;
  const draft =
    outcome === undefined
      ? new EventDraft(module, action, category ?? CATEGORY.network, type ?? TYPE.info, undefined)
      : new EventDraft(module, action, CATEGORY.authentication, TYPE.start, outcome);
  draft.role = form.role;
  draft.userKnown = form.known;
  draft.accountState = form.accountState;
  draft.method = form.method;
  return draft;
}

/** The same line with evidence that is at most `evidence`: what the stream proves at best is not enough for the message. */
export function withEvidence(line: LogLine, evidence: EvidenceClass): LogLine {
  return line.evidence === 'handshake' ? { ...line, evidence } : line;
}
