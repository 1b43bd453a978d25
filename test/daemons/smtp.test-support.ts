import { BYSTANDER, HOSTILE_NAMES } from './events.test-support.js';
import { GUESSER, OWNER, PASSWORD, type Site, type Step, USER } from './site.test-support.js';

/** What {@link attackSmtp} tries in vain: with AUTH PLAIN, and the last with AUTH LOGIN. */
export const SMTP_FAILURES = [USER, 'nobody-here', ...HOSTILE_NAMES, 'two\r\nlines', 'by-login'];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const greeting: Step[] = [['^220', 'EHLO client.example\r\n']];
const plain = (user: string, password: string): Step => [
  '\n250 ',
  `AUTH PLAIN ${base64(`\0${user}\0${password}`)}\r\n`,
];

/** Wrong passwords, one connection each; a message after a right one; and a HELO that attacks the log. */
export async function attackSmtp(site: Site, port: number): Promise<void> {
  const names = SMTP_FAILURES.slice(0, -1);
  const failed: Step = ['^535', 'QUIT\r\n'];
  await Promise.all(names.map((name) => site.talk(GUESSER, port, [...greeting, plain(name, 'wrong'), failed])));
  await site.talk(GUESSER, port, [
    ['^220', `EHLO [${BYSTANDER}]\r\n`],
    ['\n250 ', 'AUTH LOGIN\r\n'],
    ['^334', `${base64('by-login')}\r\n`],
    ['^334', `${base64('wrong')}\r\n`],
    failed,
  ]);
  await site.talk(OWNER, port, [
    ...greeting,
    plain(USER, PASSWORD),
    ['^235', `MAIL FROM:<${USER}@localhost>\r\n`],
    ['^250', `RCPT TO:<${USER}@localhost>\r\n`],
    ['^250', 'DATA\r\n'],
    ['^354', 'Subject: test\r\n\r\ntext\r\n.\r\n'],
    ['^250', 'QUIT\r\n'],
  ]);
}
