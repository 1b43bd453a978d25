import type { FleetEvent } from '@fleetwall/core';
import type { EventDraft } from '../event-builder.js';
import { setSource } from '../scan.js';
import type { LogLine } from '../source.js';
import { writeAccount } from '../windows/account.js';

/** Words for what was wrong with the protocol or the server; all others are about the account or its password. */
const NO_GUESS =
  /^(?:IllegalMessage|InvalidToken|IncompleteMessage|UnsupportedFunction|BufferTooSmall|InternalError|NoAuthenticatingAuthority|ContextExpired|TimeSkew|Proxy\w*|Server\w*|MailboxServer\w*)$/i;

export function isGuess(reason: string): boolean {
  return !NO_GUESS.test(reason);
}

export function exchangeEvent(
  line: LogLine,
  draft: EventDraft,
  peer: { address: string; port: number } | undefined,
  user: string | undefined,
  application: 'smtp' | 'imap' | 'pop3',
): FleetEvent {
  if (peer !== undefined) {
    setSource(draft, peer.address);
    if (peer.port > 0) draft.port = peer.port;
  }
  draft.service = `exchange-${application}`;
  const event = draft.finish(line);
  writeAccount(event, user);
  event['network.application'] = application;
  return event;
}
