import { CATEGORY, TYPE } from '../event-builder.js';
import type { WindowsEntry, WindowsTable } from './entry.js';
import { writePeer } from './fields.js';
import { reasonOfError, writeReason } from './status.js';

function failure(action: string, more: Partial<WindowsEntry>): WindowsEntry {
  return { action, category: CATEGORY.authentication, type: TYPE.start, outcome: 'failure', role: 'attempt', ...more };
}

/**
 * Exchange's transport service, 1035: `Inbound authentication failed with error %1 for Receive connector %2. The authentication
 * mechanism is %3. The source IP address of the client … is [%4].` It names no account.
 */
export const EXCHANGE_TRANSPORT: WindowsTable = {
  1035: failure('smtp-logon-failed', {
    positions: ['Error', 'Connector', 'Mechanism', 'IpAddress'],
    fields: { 'source.ip': 'IpAddress', 'fleetwall.auth.method': 'Mechanism' },
    complete: (event, data) => {
      const error = data.get('Error');
      if (error !== undefined) event['event.reason'] = error;
      // Other errors are those of certificates and of servers that speak to each other.
      if (error !== 'LogonDenied') delete event['fleetwall.attempt.role'];
      return true;
    },
  }),
};

/** The name is the peer's: the host is what stands before the end, in the form that MySQL prints there. */
const MYSQL_DENIED = /^Access denied for user '(.*)'@'([^']{1,255})' \(using password: (?:YES|NO)\)\s{0,4}$/s;

/** MySQL on Windows writes its error log to Application as well, all of it as event 100: most of it is about nobody's logon. */
export const MYSQL: WindowsTable = {
  100: failure('mysql-logon-failed', {
    complete: (event, data, record) => {
      const denied = MYSQL_DENIED.exec(data.get('param1') ?? record.message ?? '');
      if (denied === null) return false;
      event['service.type'] = 'mysql';
      event['user.name'] = denied[1] ?? '';
      writePeer(event, denied[2]);
      return true;
    },
  }),
};

/** `user root: (OS 1326) …`, the name being the peer's and the words behind the code Windows'. */
const SVN_USER = /^user (.*): \(OS (\d{1,5})\) /s;

export const VISUAL_SVN: WindowsTable = {
  1004: failure('svn-logon-failed', {
    complete: (event, data) => {
      const user = SVN_USER.exec(data.get('param1') ?? '');
      if (user === null) return 'unknown';
      const reason = reasonOfError(Number(user[2]));
      event['user.name'] = user[1] ?? '';
      writePeer(event, data.get('param2'));
      writeReason(event, reason);
      if (reason === undefined || reason.noGuess === true) delete event['fleetwall.attempt.role'];
      return true;
    },
  }),
};

function vnc(said: RegExp): Partial<WindowsEntry> {
  return {
    complete: (event, data, record) => {
      const peer = said.exec(data.get('param1') ?? record.message ?? '');
      if (peer === null) return 'unknown';
      writePeer(event, peer[1]);
      return true;
    },
  };
}

/** TightVNC has one password and no accounts. */
export const TIGHT_VNC: WindowsTable = {
  257: {
    action: 'vnc-logon',
    category: CATEGORY.authentication,
    type: TYPE.start,
    outcome: 'success',
    ...vnc(/^Authentication passed by ([\da-fA-F.:]{2,45})\s{0,4}$/),
  },
  258: failure('vnc-logon-failed', vnc(/^Authentication failed (?:for|from|by) ([\da-fA-F.:]{2,45})\s{0,4}$/)),
};
