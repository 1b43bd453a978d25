import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';

/**
 * Drupal's module syslog, with its own format and identity: `BASE|TIME|TYPE|ADDR|URI|REFERER|UID|LINK|MESSAGE`. URI and
 * referer are the peer's and may hold bars, so the first four parts are read from the beginning and the message from the end.
 *
 * Sources: core/modules/syslog (SysLog.php, syslog.settings.yml), core/modules/user (UserLoginForm.php, user.module).
 */
export const drupal: Source = {
  name: 'drupal',
  programs: ['drupal'],
  parse,
};

const HEAD = /^[^|]{1,255}\|\d{1,12}\|([\w -]{1,64})\|([^|]{0,64})\|/;
const FAILED = /^Login attempt failed for ([^|]*)\.$/;
const FAILED_UNNAMED = /^Login attempt failed from [^|]*\.$/;
const OPENED = /^Session opened for ([^|]*)\.$/;

function parse(line: LogLine): FleetEvent | Unparsed {
  const head = HEAD.exec(line.message.slice(0, 420));
  if (head === null) return unknownMessage(line);
  if (head[1] !== 'user') return notRelevant(line);
  const bar = line.message.lastIndexOf('|');
  const draft = readMessage(line.message.slice(bar + 1).trimEnd(), line.message.split('|', 10).length === 9);
  // The message is behind the user's number and a link, which is empty or a tag.
  if (draft === undefined || !/\|\d{1,10}\|(?:<[^|]{0,255}>)?$/.test(line.message.slice(Math.max(0, bar - 280), bar))) {
    return notRelevant(line);
  }
  setSource(draft, head[2] as string);
  return finishHttp(draft, line);
}

/** @param isPlain whether no part holds a bar itself: else the end of a name could read like a message */
function readMessage(text: string, isPlain: boolean): EventDraft | undefined {
  const failed = FAILED.exec(text);
  if (failed !== null || FAILED_UNNAMED.test(text)) {
    const draft = failedLogon('drupal', 'drupal-logon-failed');
    draft.user = failed?.[1];
    draft.role = 'part';
    return draft;
  }
  const opened = isPlain ? OPENED.exec(text) : null;
  if (opened === null) return undefined;
  const draft = logon('drupal', 'drupal-logon');
  draft.user = opened[1];
  return draft;
}
