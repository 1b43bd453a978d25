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
const json = (text: string) => JSON.stringify(text).slice(1, -1);
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
  {
    line: 'Nov 22 07:00:00 lb-01 haproxy[1]: {r}:55032 [22/Nov/2026:07:00:00.885] front back/web-01 0/0/0/169/169 200 1541 - - ---- 5/6/9/1/0 0/0 {{u}} "POST /wp-login.php HTTP/1.1"',
    written: (text) => text.replaceAll(/["{}|#]/g, '#22'),
  },
  {
    line: "2026-11-22 07:00:00: (mod_auth.c.853) password doesn't match for /{u} username: {u} IP: {r}",
    written: raw,
  },
  {
    line: '2026-11-22 07:00:00: (mod_auth.c.853) digest: auth failed for {u}: wrong password, IP: {r}',
    written: raw,
  },
  {
    line: 'Nov 22 07:00:00 web-01 wordpress(www.example.com)[1]: Authentication failure for {u} from {r}',
    written: raw,
  },
  {
    line: 'Nov 22 07:00:00 web-01 wordpress(www.example.com)[1]: XML-RPC authentication attempt for unknown user {u} from {r}',
    written: raw,
  },
  { line: 'Nov 22 07:00:00 web-01 phpMyAdmin[1]: user denied: {u} (mysql-denied) from {r}', written: raw },
  {
    line: '[22-Nov-2026 07:00:00 +0000]: <l1c5v40i> Failed login for {u} from {r} in session a1b2c3d4e5f60718 (error: 0)',
    written: raw,
  },
  {
    line: '[22-Nov-2026 07:00:00 +0000]: <l1c5v40i> Failed login for {u} from {r}(X-Real-IP: {u},X-Forwarded-For: {u}) in session a1b2c3d4e5f60718 (error: 0)',
    written: raw,
  },
  {
    line: '[22-Nov-2026 07:00:00 +0000]: <l1c5v40i> IMAP Error: Login failed for {u} against imap from {r}. AUTHENTICATE PLAIN: A0002 NO {u} in /usr/share/r.php on line 211 (POST /)',
    written: raw,
  },
  {
    line: 'Nov 22 07:00:00 web-01 roundcube: IMAP Error: Login failed for {u} from {r}',
    written: raw,
  },
  {
    line: '{"reqId":"U1","level":2,"time":"2026-11-22T07:00:00+00:00","remoteAddr":"{r}","user":"--","app":"core","url":"/{u}","message":"Login failed: {u} (Remote IP: {r})","userAgent":"{u}"}',
    written: json,
  },
  {
    line: '{"method":"POST","path":"/users/sign_in","format":"html","controller":"SessionsController","action":"create","status":0,"time":"2026-11-22T07:00:00.195Z","params":[{"key":"user","value":{"login":"{u}"}}],"remote_ip":"{r}","ua":"{u}"}',
    written: json,
  },
  {
    line: '{"severity":"INFO","time":"2026-11-22T07:00:00.364Z","correlation_id":"01","message":"Failed Login: username={u} ip={r}"}',
    written: json,
  },
  {
    line: '{"ClientAddr":"{r}:1","ClientHost":"{u}","ClientUsername":"a{u}","DownstreamStatus":401,"RequestMethod":"GET","RequestPath":"/{u}","StartUTC":"2026-11-22T07:00:05Z"}',
    written: json,
  },
  {
    line: '{"level":"info","ts":1795330800.75,"logger":"http.log.access","request":{"remote_ip":"{r}","client_ip":"{u}","method":"POST","uri":"/wp-login.php","headers":{"X-Forwarded-For":["{u}"]}},"status":200}',
    written: json,
  },
  {
    line: 't=2026-11-22T07:00:00+0000 lvl=eror msg="Invalid username or password" logger=context uname="{u}" error="{u}" remote_addr={r}',
    written: json,
  },
  {
    line: 'Nov 22 07:00:00 web-01 drupal: https://www.example.com|1795330800|user|{r}|https://www.example.com/{u}|{u}|0||Login attempt failed for {u}.',
    written: (text) => text.replaceAll('|', '/'),
  },
  {
    line: '[2026-11-22 07:00:00.219][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: {r}. Username: {u}.',
    written: raw,
  },
  {
    line: '2026-11-22T07:00:00,991Z [http-nio-8080-exec-9] WARN  o.a.g.r.auth.AuthenticationService - Authentication attempt from {r} for user "{u}" failed.',
    written: raw,
  },
  {
    line: "Nov 22 07:00:00 fw php-fpm[3]: /index.php: webConfigurator authentication error for user '{u}' from: {r}",
    written: raw,
  },
  {
    line: '78017 00cff -- none -- - 2026-11-22T07:00:00+00:00 WARN (4): Tinebase_Controller::login::106 Login with username {u} from {r} failed (-1)!',
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
  {
    line: '{"reqId":"U1","level":1,"time":"2026-11-22T07:00:00+00:00","remoteAddr":"{r}","app":"core","url":"/{u}","message":"x","userAgent":"{u}"}',
    written: json,
  },
  {
    line: 'Nov 22 07:00:00 web-01 drupal: https://www.example.com|1795330800|page not found|{r}|https://www.example.com/{u}|{u}|0||{u}',
    written: raw,
  },
  {
    line: '{"method":"GET","path":"/{u}","format":"html","controller":"Projects::X","action":"{u}","status":401,"time":"2026-11-22T07:00:00.195Z","params":[{"key":"user","value":{"login":"{u}"}}],"remote_ip":"{r}"}',
    written: json,
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
  ` from ${VICTIM}(X-Forwarded-For: `,
  ` from ${VICTIM}. AUTHENTICATE PLAIN: `,
  ` failed (-1)!`,
  `|0||Session opened for root.`,
  ` ip=${VICTIM}`,
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
