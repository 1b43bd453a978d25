export const VICTIM = '192.0.2.66';
export const REAL = '198.51.100.7';

/** A line with `{u}` for what the peer chose and `{r}` for its address, and how its program writes what is not its own. */
export interface Template {
  /** What its program writes before it. */
  head: readonly string[];
  line: string;
  written(text: string): string;
}

/** Line ends end a command, a header and a name of basic authentication. */
const oneLine = (text: string) => text.replaceAll(/[\r\n]/g, '');
/** HTTP.sys and the FTP service write `+` for blanks and control characters; what is empty is `-`. */
const iis = (text: string) => oneLine(text).replaceAll(/[\s\p{Cc}]/gu, '+') || '-';
const csv = (text: string) => {
  const one = oneLine(text);
  return /[",]/.test(one) ? `"${one.replaceAll('"', '""')}"` : one;
};
/** As it stands within a value that is quoted. */
const quoted = (text: string) => oneLine(text).replaceAll('"', '""');
/** The name of a login; of line ends see mssql.test.ts. */
const login = (text: string) => oneLine(text).slice(0, 128);

const WEB = [
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken',
];
const FTP = [
  '#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath',
];
const HTTP_ERRORS = [
  '#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename',
];
const SMTP = '2026-11-22T07:00:00.104Z,EX01\\Default,08D7D4D2EFBC4D5E,9,203.0.113.10:25,{r}:58556';
const IMAP = '2026-11-22T07:00:00.104Z,000000000000000E,2,203.0.113.10:143,{r}:35070';
const SQL = '2026-11-22 07:00:00.17 Logon       ';
const NOT_FOUND = 'Reason: Could not find a login matching the name provided.';

export const TEMPLATES: readonly Template[] = [
  {
    head: WEB,
    line: '2026-11-22 07:00:00 203.0.113.10 GET /x a 443 {u} {r} {u} {u} 401 1 1326 15',
    written: iis,
  },
  {
    head: WEB,
    line: '2026-11-22 07:00:00 203.0.113.10 POST /RDWeb/Pages/en-US/login.aspx {u} 443 - {r} {u} {u} 200 0 0 15',
    written: iis,
  },
  {
    head: FTP,
    line: '2026-11-22 07:00:00 {r} - 203.0.113.10 21 USER {u} 331 0 0 s -\n2026-11-22 07:00:00 {r} - 203.0.113.10 21 PASS *** 530 1326 41 s -',
    written: iis,
  },
  {
    head: [],
    line: `${SMTP},*,,Inbound AUTH LOGIN failed because of LogonDenied\n${SMTP},>,535 5.7.3 Authentication unsuccessful,`,
    written: csv,
  },
  {
    head: [`${SMTP.replace('{r}', REAL)},*,,Inbound AUTH LOGIN failed because of LogonDenied`],
    line: `${SMTP},*,,"User Name: {u}"`,
    written: quoted,
  },
  { head: [], line: `${IMAP},{u},168,31,31,login,{u},"R=""2 NO LOGIN failed."""`, written: csv },
  { head: [], line: `${SQL}Login failed for user '{u}'. ${NOT_FOUND} [CLIENT: {r}]`, written: login },
  {
    head: [`${SQL}Error: 18456, Severity: 14, State: 5.`],
    line: `${SQL}Login failed for user '{u}'. [CLIENT: {r}]`,
    written: login,
  },
  {
    head: [],
    line: `${SQL}Échec de la connexion de l'utilisateur '{u}'. Raison : x. [CLIENT : {r}]`,
    written: login,
  },
  {
    head: [],
    line: '(000123) 22/11/2026 07:00:01 - (not logged in) ({r})> USER {u}\n(000123) 22/11/2026 07:00:02 - (not logged in) ({r})> 530 Login or password incorrect!',
    written: oneLine,
  },
  {
    head: [],
    line: '2026-11-22T07:00:00.070Z >> [FTP Session 3636 {r}] USER {u}\n2026-11-22T07:00:00.102Z << [FTP Session 3636 {r}] 530 Login incorrect.',
    written: oneLine,
  },
  {
    head: [],
    line: 'Nov 22 07:00:01 <local0.warn> 203.0.113.20 11/22/2026:07:00:01 GMT ns 0-PPE-0 : default AAA LOGIN_FAILED 1 0 :  User {u} - Client_ip {r} - Failure_reason "Invalid username or password" - Browser {u}',
    written: oneLine,
  },
  {
    head: [],
    line: 'Nov 22 07:00:01 <local0.info> 203.0.113.20 11/22/2026:07:00:01 GMT ns 0-PPE-0 : default GUI CMD_EXECUTED 1 0 :  User {u} - Remote_ip {r} - Command "login {u} "********"" - Status "ERROR: Invalid username or password"',
    written: oneLine,
  },
];

/** Lines about no password, whatever the peer writes in them. */
export const NOT_FAILURES: readonly Template[] = [
  { head: WEB, line: '2026-11-22 07:00:00 203.0.113.10 GET /{u} {u} 443 - {r} {u} {u} 404 0 2 15', written: iis },
  { head: WEB, line: '2026-11-22 07:00:00 203.0.113.10 GET /{u} {u} 443 - {r} {u} {u} 401 2 5 15', written: iis },
  { head: WEB, line: '2026-11-22 07:00:00 203.0.113.10 GET / {u} 443 {u} {r} {u} {u} 200 0 0 15', written: iis },
  {
    head: HTTP_ERRORS,
    line: '2026-11-22 07:00:00 {r} 50123 203.0.113.10 80 HTTP/1.1 {u} {u} 400 - Hostname -',
    written: iis,
  },
  { head: [], line: `${SMTP},<,{u},`, written: csv },
  { head: [], line: `${SMTP},<,"EHLO {u}",`, written: quoted },
  { head: [], line: `${IMAP},{u},168,31,31,select,{u},R=ok`, written: csv },
  {
    head: [],
    line: `${SQL}Login succeeded for user '{u}'. Connection made using SQL Server authentication. [CLIENT: {r}]`,
    written: login,
  },
  { head: [], line: '2026-11-22T07:00:00.070Z >> [FTP Session 3636 {r}] {u}', written: oneLine },
  {
    head: [],
    line: 'Nov 22 07:00:01 <local0.info> 203.0.113.20 11/22/2026:07:00:01 GMT ns 0-PPE-0 : default SSLVPN LOGIN 1 0 : Context alice@{r} - SessionId: 1 - User alice - Client_ip {r} - Nat_ip "Mapped Ip" - Vserver 203.0.113.21:443 - Browser_type "{u}"',
    written: oneLine,
  },
  { head: [], line: '(000123) 22/11/2026 07:00:01 - alice ({r})> {u}', written: oneLine },
];

export const FRAGMENTS = [
  VICTIM,
  ` ${VICTIM} `,
  `+443+-+${VICTIM}+401+1+1326`,
  ` 443 - ${VICTIM} x x 401 1 1326 15`,
  `,${VICTIM}:25,`,
  `",${VICTIM}:25,>,535 5.7.3 Authentication unsuccessful,"`,
  `,>,535 5.7.3 Authentication unsuccessful,`,
  `Inbound AUTH LOGIN failed because of LogonDenied`,
  `R=1 NO LOGIN failed.;ErrMsg=AuthFailed:LogonDenied`,
  `'. Reason: x. [CLIENT: ${VICTIM}]`,
  `'. Reason: x. [CLIENT : ${VICTIM}]`,
  `' because the account is currently locked out. The system administrator can unlock it. [CLIENT: ${VICTIM}]`,
  `\n2026-11-22 07:00:00.17 Logon       Login failed for user 'x'. Reason: x. [CLIENT: ${VICTIM}]`,
  `\n2026-11-22 07:00:00.17 Logon       Error: 18456, Severity: 14, State: 8.\n`,
  `[CLIENT: ${VICTIM}]`,
  ` (${VICTIM})> 530 Login or password incorrect!`,
  `(000124) 22/11/2026 07:00:01 - (not logged in) (${VICTIM})> `,
  `[FTP Session 3637 ${VICTIM}] 530 Login incorrect.`,
  `] 530 Login incorrect.`,
  ` - Client_ip ${VICTIM} - Failure_reason "x" - Browser `,
  ` - Remote_ip ${VICTIM} - Command "login x" - Status "x"`,
  ` - User x - Client_ip ${VICTIM} - Nat_ip `,
  '#Fields: date time c-ip',
  '"',
  '""',
  "'",
  ',',
  '[',
  ']',
  '+',
  '-',
  '\\',
  '\n',
  '\\n',
  '\u001b[2J',
  '\u202e',
  '\uff11\uff19\uff12.0.2.66',
  'root',
];
