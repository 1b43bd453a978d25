/** Where what someone typed or pasted into the search box leads. */
export type Subject =
  | { kind: 'address'; address: string }
  | { kind: 'alert'; id: string }
  | { kind: 'user'; name: string }
  | { kind: 'query'; query: string };

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}(?:/(?:3[0-2]|[12]?\\d))?$`);
const IPV6 =
  /^(?=.*::|(?:[^:]*:){6,7}[^:]+$)[0-9a-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?:\/(?:12[0-8]|1[01]\d|[1-9]?\d))?$/i;
const ALERT_ID = /^[0-9a-f]{16,64}$/;
/** `user:anna`, a mask, or what looks like a mail address: other words may be words of a line as well. */
const USER = /^(?:user:(\S{1,256})|(~[0-9a-f]{12}(?:\.[0-9a-f]{4})?|[^\s@:()"]{1,64}@[\w.-]{1,190}))$/;

/** An address or network, an alert's id, an account, or else a query for Events. Quotes and blanks around it are those of a copy. */
export function subjectOf(text: string): Subject | undefined {
  const bare = text.trim().replace(/^["'[(<]+|["'\])>,;.]+$/g, '');
  if (IPV4.test(bare) || IPV6.test(bare)) return { kind: 'address', address: bare };
  if (ALERT_ID.test(bare)) return { kind: 'alert', id: bare };
  const user = USER.exec(bare);
  if (user) return { kind: 'user', name: (user[1] ?? user[2]) as string };
  const query = text.trim();
  return query === '' ? undefined : { kind: 'query', query };
}
