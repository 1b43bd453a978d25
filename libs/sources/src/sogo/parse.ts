import type { FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { withEvidence } from '../message-forms.js';
import { clientOf } from '../proxy/client-of.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/** SOGo's own log. Source: UI/MainUI/SOGoRootPage.m. */
export const sogo: Source = {
  name: 'sogo',
  programs: ['sogod'],
  formats: [
    stampedLog({
      name: 'sogo',
      files: ['/var/log/sogo/sogo.log'],
      begins: 'A',
      beginning: /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d sogod \[\d{1,10}\]: /,
      time: (clock, raw) => clock.readBsd(raw, 0),
      parse: parseSogo,
    }),
  ],
  parse: parseSogo,
};

const FAILED =
  /^(?:\[\w{1,10}\] )?(?:<0x[0-9a-fx]{1,20}\[[^\]]{1,64}\]> )?SOGoRootPage Login from '([0-9A-Fa-f:., ]{2,512})' for user '(.*)' might not have worked(?: - .*)?$/s;
const SUCCEEDED =
  /^(?:\[\w{1,10}\] )?(?:<0x[0-9a-fx]{1,20}\[[^\]]{1,64}\]> )?SOGoRootPage successful login from '([0-9A-Fa-f:., ]{2,512})' for user '(.*)'(?: - .*)?$/s;
const FOR_USER = "' for user '";

/**
 * `SOGoRootPage Login from 'HOPS' for user 'USER' might not have worked - …`: HOPS is `X-Forwarded-For` as the web server
 * in front of SOGo sent it on. The last hop is the one which that server saw itself; further left stands what others claim.
 */
function parseSogo(line: LogLine): FleetEvent | Unparsed {
  const failed = FAILED.exec(line.message);
  const match = failed ?? SUCCEEDED.exec(line.message);
  if (match === null) return notRelevant(line);
  const draft = failed !== null ? failedLogon('sogo', 'sogo-logon-failed') : logon('sogo', 'sogo-logon');
  if (failed !== null) draft.role = 'attempt';
  // The header and the name are the peer's: where either brings the words between them, neither has a certain end.
  if (line.message.indexOf(FOR_USER) === line.message.lastIndexOf(FOR_USER)) {
    draft.user = match[2];
    setSource(draft, peerOf(match[1] as string, line));
  }
  return draft.finish(withEvidence(line, 'spoofable'));
}

function peerOf(hops: string, { trustedProxies }: LogLine): string {
  const comma = hops.lastIndexOf(',');
  const peer = hops.slice(comma + 1).trim();
  const before = comma < 0 ? undefined : hops.slice(0, comma);
  return clientOf(peer, before, trustedProxies) ?? '';
}
