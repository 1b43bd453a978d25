import { describe, expect, it } from '@jest/globals';
import { evidenceOfWriter, type JournalWriter } from './journal-writer.js';

const writer = (of: Partial<JournalWriter>): JournalWriter => ({
  identifier: 'sshd',
  comm: 'sshd',
  uid: 0,
  unit: 'ssh.service',
  transport: 'syslog',
  ...of,
});

const BELIEVED: Partial<JournalWriter>[] = [
  {},
  { comm: undefined, uid: undefined, unit: undefined },
  { identifier: 'kernel', transport: 'kernel', uid: undefined },
  { identifier: 'postfix/smtpd', comm: 'smtpd', uid: 104, unit: 'postfix@-.service' },
  { identifier: 'mariadbd', comm: 'mariadbd', uid: 105, unit: 'mariadb.service' },
  { identifier: 'postgres', comm: 'postgres', uid: 106, unit: 'postgresql@15-main.service' },
  { identifier: 'asterisk', comm: 'asterisk', uid: 107, unit: 'asterisk.service' },
];

const NOT_BELIEVED: Partial<JournalWriter>[] = [
  { comm: 'logger' },
  { comm: 'bash' },
  { uid: 1000, unit: 'user@1000.service' },
  { uid: 1000, unit: 'session-3.scope' },
  { uid: -1 },
  { identifier: 'mariadbd', comm: 'php-fpm8.2', uid: 33, unit: 'php8.2-fpm.service' },
  { identifier: 'mariadbd', comm: 'mariadbd', uid: 33, unit: 'php8.2-fpm.service' },
  { identifier: 'mariadbd', comm: 'mariadbd', uid: 1000, unit: 'user@1000.service' },
  { identifier: 'mariadbd', comm: 'mariadbd', uid: 1000, unit: undefined },
  { identifier: 'postfix/smtpd', comm: 'smtpd', uid: 1000, unit: 'postfix.scope' },
  { identifier: 'sshd', comm: 'mariadbd', uid: 105, unit: 'mariadb.service' },
];

describe('the writer of an entry of the journal', () => {
  it.each(BELIEVED)('is believed: %j', (of) => {
    expect(evidenceOfWriter(writer(of))).toBe('handshake');
  });

  it.each(NOT_BELIEVED)('A19: proves nothing: %j', (of) => {
    expect(evidenceOfWriter(writer(of))).toBe('unauthenticated');
  });
});
