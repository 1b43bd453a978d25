import { Assembler } from '@fleetwall/assembly';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from '../line-parser.js';
import { isUnparsed } from '../source.js';

const R = '198.51.100.7';

/** How many tries the logs of one host tell of; each log is a stream of its own. */
function triesOf(...logs: string[][]): number {
  return triesIn(logs.map((lines) => ({ path: undefined, lines })));
}

function triesIn(logs: readonly { path: string | undefined; lines: string[] }[]): number {
  const assembler = new Assembler();
  const ids = new Set<string>();
  for (const { path, lines } of logs) {
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'web-01', path });
    for (const line of lines) {
      const result = parser.parse(line);
      if (isUnparsed(result)) continue;
      const event = assembler.assemble(result);
      const id = event['fleetwall.attempt.id'];
      for (const one of event['fleetwall.attempt.ids'] ?? (id === undefined ? [] : [id])) ids.add(one);
    }
  }
  return ids.size;
}

const seconds = [0, 1, 2];
const access = (rest: string) =>
  seconds.map((n) => `${R} - ${rest.replace('TIME', `[22/Nov/2026:07:00:0${n} +0000]`)}`);

describe('what several logs tell of the same try counts once', () => {
  it('access log and error log of nginx', () => {
    const refused = access('admin TIME "GET / HTTP/1.1" 401 188 "-" "x"');
    const errors = seconds.map(
      (n) =>
        `2026/11/22 07:00:0${n} [error] 1#1: *${n} user "admin": password mismatch, client: ${R}, server: , request: "GET /"`,
    );
    expect(triesOf(refused, errors)).toBe(3);
    expect(triesOf(errors, refused)).toBe(3);
    expect(triesOf(refused)).toBe(3);
    expect(triesOf(errors)).toBe(3);
  });

  it('access log and error log of Apache, whatever the server said of the name', () => {
    const refused = access('admin TIME "GET / HTTP/1.1" 401 188');
    const messages = ['user admin: authentication failure for "/": Password Mismatch', 'user x not found: /'];
    const errors = seconds.map(
      (n) =>
        `[Sun Nov 22 07:00:0${n}.5 2026] [auth_basic:error] [pid 1:tid 2] [client ${R}:50] AH01617: ${messages[n % 2]}`,
    );
    expect(triesOf(refused, errors)).toBe(3);
  });

  it("access log and WordPress' plugin", () => {
    const forms = access('- TIME "POST /wp-login.php HTTP/1.1" 200 5364 "-" "x"');
    const plugin = seconds.map(
      (n) => `Nov 22 07:00:0${n} web-01 wordpress(x)[9]: Authentication failure for admin from ${R}`,
    );
    expect(triesOf(forms, plugin)).toBe(3);
  });

  it("Roundcube's two logs, and GitLab's", () => {
    const logins = seconds.map(
      (n) => `[22-Nov-2026 07:00:0${n} +0000]: <a> Failed login for x from ${R} in session s (error: 0)`,
    );
    const errors = seconds.map(
      (n) =>
        `[22-Nov-2026 07:00:0${n} +0000]: <a> IMAP Error: Login failed for x from ${R}. LOGIN: NO in /r.php on line 1 (POST /)`,
    );
    expect(triesOf(logins, errors)).toBe(3);
    const requests = seconds.map(
      (n) =>
        `{"method":"POST","path":"/users/sign_in","format":"html","controller":"SessionsController","action":"create","status":0,"time":"2026-11-22T07:00:0${n}Z","params":[{"key":"user","value":{"login":"x"}}],"remote_ip":"${R}"}`,
    );
    const messages = seconds.map(
      (n) => `{"severity":"INFO","time":"2026-11-22T07:00:0${n}Z","message":"Failed Login: username=x ip=${R}"}`,
    );
    expect(triesOf(requests, messages)).toBe(3);
  });

  it('access logs of nginx and of Apache behind it', () => {
    const forms = access('- TIME "POST /wp-login.php HTTP/2.0" 200 5364 "-" "x"');
    const behind = access('- TIME "POST /wp-login.php HTTP/1.0" 200 9001 "-" "x"');
    const nginx = { path: '/var/log/nginx/access.log', lines: forms };
    expect(triesIn([nginx, { path: '/var/log/apache2/access.log', lines: behind }])).toBe(3);
    expect(triesIn([nginx, { path: '/var/log/nginx/shop-access.log', lines: behind }])).toBe(6);
  });

  it('tries on two sites of one server are tries of their own', () => {
    const refused = access('admin TIME "GET / HTTP/1.1" 401 188');
    const forms = access('- TIME "POST /wp-login.php HTTP/1.1" 200 5364 "-" "x"');
    expect(triesOf([...refused, ...forms])).toBe(6);
  });
});

describe('answers that look like a refusal', () => {
  const line = (time: string, user: string, request: string, status: number) =>
    `${R} - ${user} [22/Nov/2026:${time} +0000] "${request} HTTP/1.1" ${status} 188 "-" "x"`;

  it('are no tries of who was let in: an application with an idea of its own of who is logged on', () => {
    const page = line('07:00:00', 'alice', 'GET /', 200);
    const polls = seconds.map((n) => line(`07:00:0${n + 1}`, 'alice', 'GET /api/me', 401));
    expect(triesOf([page, ...polls])).toBe(0);
    expect(triesOf([page, ...polls.map((poll) => poll.replace('alice', 'root'))])).toBe(3);
  });

  it('are tries again an hour later', () => {
    const page = line('07:00:00', 'alice', 'GET /', 304);
    expect(triesOf([page, line('08:00:01', 'alice', 'GET /', 401)])).toBe(1);
  });

  it('are no tries, the form for a second factor: one who logs on to WordPress every morning for a week', () => {
    const days = [22, 23, 24, 25, 26, 27, 28].map((day) => `${day}/Nov`);
    const mornings = days.flatMap((day) =>
      [
        line('08:00:00', '-', 'POST /wp-login.php', 200),
        line('08:00:20', '-', 'POST /wp-login.php?action=validate_2fa', 302),
      ].map((text) => text.replace('22/Nov', day)),
    );
    // The first form is counted: nobody has logged on from there before.
    expect(triesOf(mornings)).toBe(1);
  });

  it('are told from tries in lines of syslog as well, by host', () => {
    const syslog = (host: string, second: number, status: number) =>
      `Nov 22 07:00:0${second} ${host} nginx: ${line(`07:00:0${second}`, '-', 'POST /wp-login.php', status)}`;
    expect(triesOf([syslog('web-01', 0, 302), syslog('web-01', 1, 200), syslog('web-01', 2, 200)])).toBe(0);
    expect(triesOf([syslog('web-01', 0, 302), syslog('web-02', 1, 200), syslog('web-02', 2, 200)])).toBe(2);
  });

  it('are tries when they go on', () => {
    const on = line('08:00:00', '-', 'POST /wp-login.php', 302);
    const forms = [1, 2, 3, 4, 5, 6].map((n) => line(`08:00:0${n}`, '-', 'POST /wp-login.php', 200));
    expect(triesOf([on, ...forms])).toBe(4);
    // However often somebody logs on in between, no more than ten a day are none.
    const day = Array.from({ length: 12 }, (_, n) => [
      line(`${String(n + 9).padStart(2, '0')}:00:00`, '-', 'POST /wp-login.php', 200),
      line(`${String(n + 9).padStart(2, '0')}:00:01`, '-', 'POST /wp-login.php', 200),
      line(`${String(n + 9).padStart(2, '0')}:00:02`, '-', 'POST /wp-login.php', 302),
    ]).flat();
    expect(triesOf([on, ...day])).toBe(14);
  });
});
