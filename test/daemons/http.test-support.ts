import { BYSTANDER, HOSTILE_NAMES } from './events.test-support.js';
import { GUESSER, OWNER, PASSWORD, type Site, type Step, USER } from './site.test-support.js';

const NAMES = [USER, 'nobody-here', ...HOSTILE_NAMES, 'two\nlines'];

/** What {@link attackHttp} tries in vain: the name ends at the first colon (RFC 7617). */
export const HTTP_FAILURES = NAMES.map((name) => name.split(':')[0] as string);

/** nginx escapes as `\\x22`, Apache as `\\"` and `\\n`, and rsyslog as `#012`. */
export function unescaped(name: string): string {
  return name.replace(/\\x22|\\"/g, '"').replace(/\\x0A|\\n|#012/g, '\n');
}

/** Writes the password file that every server of HTTP can read. */
export const HTPASSWD = `echo "${USER}:$(openssl passwd -apr1 ${PASSWORD})" >/etc/htpasswd; chmod 644 /etc/htpasswd
mkdir -p /var/www/html/private; echo hello >/var/www/html/private/index.html`;

/** Wrong passwords with a request and an agent that attack the log; a right one; and a request without a password. */
export async function attackHttp(site: Site): Promise<void> {
  await Promise.all(NAMES.map((name) => site.talk(GUESSER, 80, request(name, 'wrong', '401'))));
  await site.talk(GUESSER, 80, request(undefined, '', '401'));
  await site.talk(OWNER, 80, request(USER, PASSWORD, '200'));
}

function request(user: string | undefined, password: string, code: string): Step[] {
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const lines = [
    `GET /private/?client:${BYSTANDER},[client%20${BYSTANDER}]"' HTTP/1.1`,
    'Host: www.example',
    `User-Agent: ", client: ${BYSTANDER}, server: [client ${BYSTANDER}]`,
    `Referer: http://x/", client: ${BYSTANDER}`,
    `X-Forwarded-For: ${BYSTANDER}`,
    ...(user === undefined ? [] : [`Authorization: Basic ${credentials}`]),
    'Connection: close',
  ];
  return [['', `${lines.join('\r\n')}\r\n\r\n`], [`^HTTP/1.1 ${code}`]];
}
