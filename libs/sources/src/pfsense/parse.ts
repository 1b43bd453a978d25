import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';

/**
 * The web interface of pfSense and OPNsense, which writes under the name of its PHP process or of `audit`: a message begins with
 * the page. Sources: etc/inc/auth.inc of pfSense, www/authgui.inc and Auth of OPNsense.
 */
export const pfSense: Source = {
  name: 'pfsense',
  programs: [],
  prefixes: ['/index.php: webConfigurator ', '/index.php: Web GUI ', '/index.php: Successful login for user '],
  parse,
};

const PAGE = '/index.php: ';
const FAILED =
  /^(?:webConfigurator authentication error for (?:user )?|Web GUI authentication error for (?:user )?)'(.*)' from:? ([0-9A-Fa-f:.]{2,45})$/s;
const LET_IN = /^Successful login for user '([^']{1,255})' from:? ([0-9A-Fa-f:.]{2,45})(?: \([\w -]{1,64}\))?$/;

function parse(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.slice(PAGE.length).trimEnd();
  const failed = FAILED.exec(text);
  if (failed !== null) {
    const draft = failedLogon('pfsense', 'pfsense-logon-failed');
    draft.role = 'part';
    return finish(line, draft, failed);
  }
  const letIn = LET_IN.exec(text);
  return letIn === null ? notRelevant(line) : finish(line, logon('pfsense', 'pfsense-logon'), letIn);
}

function finish(line: LogLine, draft: EventDraft, match: RegExpExecArray): FleetEvent {
  draft.user = match[1];
  setSource(draft, match[2] as string);
  return finishHttp(draft, line);
}
