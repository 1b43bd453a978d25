import { HOSTILE_NAMES } from './events.test-support.js';
import { GUESSER, OWNER, PASSWORD, type Site, type Step, USER } from './site.test-support.js';

/** What {@link attackFtp} tries in vain. */
export const FTP_FAILURES = [USER, 'nobody-here', ...HOSTILE_NAMES];

/** Wrong passwords, one connection each, and a right one. */
export async function attackFtp(site: Site): Promise<void> {
  await Promise.all(FTP_FAILURES.map((name) => site.talk(GUESSER, 21, logon(name, 'wrong', '530'))));
  await site.talk(OWNER, 21, logon(USER, PASSWORD, '230'));
}

function logon(user: string, password: string, code: string): Step[] {
  return [
    ['^220', `USER ${user}\r\n`],
    ['^331', `PASS ${password}\r\n`],
    [`^${code}`, 'QUIT\r\n'],
  ];
}
