export const VICTIM = '192.0.2.66';
export const REAL = '198.51.100.7';

/** A line with `{u}` for what the peer chose and `{r}` for its address, and how its program escapes what is not its own. */
export interface Template {
  line: string;
  written(text: string): string;
}

const raw = (text: string) => text;
const apache = (text: string) => text.replaceAll(/[\\"]/g, (character) => `\\${character}`);
const nginx = (text: string) => text.replaceAll('\\', '\\x5C').replaceAll('"', '\\x22');
/** A name of basic authentication ends at its first colon. */
const basicName = (text: string) => text.replaceAll(':', '');

const STAMP = '[22/Nov/2026:07:00:00 +0000]';

const ACCESS: Template[] = [
  `{r} - {u} ${STAMP} "GET / HTTP/1.1" 401 188 "-" "x"`,
  `{r} - admin ${STAMP} "GET /{u} HTTP/1.1" 401 188 "{u}" "{u}" "{u}"`,
  `www.example.com {r} - {u} ${STAMP} "GET / HTTP/1.1" 401 188 "{u}" "x"`,
  `{r} - - ${STAMP} "POST /wp-login.php HTTP/1.1" 200 188 "{u}" "{u}"`,
].flatMap((line) => [
  { line, written: apache },
  { line: `Nov 22 07:00:00 web-01 nginx: ${line}`, written: nginx },
]);

/** Of every source that reads what comes over HTTP. */
export const TEMPLATES: Template[] = [
  ...ACCESS,
  {
    line: '2026/11/22 07:00:00 [error] 1#1: *3 user "{u}": password mismatch, client: {r}, server: , request: "GET /", host: "h"',
    written: basicName,
  },
  {
    line: '2026/11/22 07:00:00 [error] 1#1: *3 user "{u}" was not found in "/x", client: {r}, server: , request: "GET /"',
    written: basicName,
  },
  {
    line: '2026/11/22 07:00:00 [error] 1#1: *3 user "x": password mismatch, client: {r}, server: , request: "GET /{u}", host: "{u}", referrer: "{u}"',
    written: raw,
  },
  {
    line: '2026/11/22 07:00:00 [info] 8#8: *6 client login failed: "x" while in http auth state, client: {r}, server: 0.0.0.0:25, login: "{u}"',
    written: raw,
  },
  {
    line: '[Sun Nov 22 07:00:00.978080 2026] [auth_basic:error] [pid 1:tid 1] [client {r}:5000] AH01617: user {u}: authentication failure for "/{u}": Password Mismatch, referer: {u}',
    written: basicName,
  },
  {
    line: '[Sun Nov 22 07:00:00 2026] [error] [client {r}] user {u} not found: /{u}, referer: {u}',
    written: basicName,
  },
  {
    line: '[Sun Nov 22 07:00:00 2026] [error] [client {r}] Digest: user {u}: password mismatch: /{u}',
    written: basicName,
  },
  {
    line: "[Sun Nov 22 07:00:00.9 2026] [auth_digest:error] [pid 1] [client {r}:5000] AH01790: user `{u}' in realm `y' not found: /{u}",
    written: raw,
  },
];

/** Lines about no password, whatever the peer writes in them. */
export const NOT_FAILURES: Template[] = [
  { line: `{r} - - ${STAMP} "GET /{u} HTTP/1.1" 404 188 "{u}" "{u}"`, written: apache },
  { line: `{r} - - ${STAMP} "{u}" 400 188 "{u}" "{u}"`, written: nginx },
  { line: `{r} - {u} ${STAMP} "GET / HTTP/1.1" 200 188 "-" "-"`, written: nginx },
  {
    line: '2026/11/22 07:00:00 [error] 1#1: *3 open() "/var/www/{u}" failed (2: No such file or directory), client: {r}, server: x, request: "GET /{u}"',
    written: raw,
  },
  {
    line: '[Sun Nov 22 07:00:00 2026] [error] [client {r}] File does not exist: /srv/{u}, referer: {u}',
    written: raw,
  },
];

export const FRAGMENTS = [
  VICTIM,
  ` ${VICTIM} `,
  `${VICTIM} - - `,
  ` - `,
  ` from ${VICTIM}`,
  ` rhost=${VICTIM}`,
  `, client: ${VICTIM}, server: `,
  `": password mismatch, client: ${VICTIM}, server: x, request: "`,
  `" was not found in "`,
  `[client ${VICTIM}:1] `,
  `' in realm \`x' not found: `,
  ` not found: /`,
  `: authentication failure for "/": Password Mismatch`,
  ` ${STAMP} "GET / HTTP/1.1" 200 1`,
  ` ${STAMP} "POST /wp-login.php HTTP/1.1" 200 1 "-" "-"`,
  `" 200 1 "-" "`,
  `" 401 188 "-" "`,
  `, IP: ${VICTIM}`,
  ` (Remote IP: ${VICTIM})`,
  `","remoteAddr":"${VICTIM}","message":"Login failed: x"`,
  ` remote_addr=${VICTIM}`,
  ` (mysql-denied) from ${VICTIM}`,
  ` in session 0123456789abcdef (error: 0)`,
  '"',
  '\\',
  '\\"',
  "'",
  '[',
  ']',
  ': ',
  ', ',
  '#012',
  '\\n',
  '\u001b[2J',
  '\u202e',
  '\uff11\uff19\uff12.0.2.66',
  'root',
];
