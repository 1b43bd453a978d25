import { describe, expect, it } from '@jest/globals';
import { Chain, R, shipped, sixTimes, V } from './chain.js';

const T = Date.UTC(2026, 10, 22, 7);
const detections = await shipped();

const WEB = '#Fields: date time s-ip cs-method cs-uri-stem c-ip cs-username sc-status sc-substatus sc-win32-status';
const SWAPPED = '#Fields: date time s-ip cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status';
/** The user calls itself like the victim. */
const request = (peer: string, user: string) => `2026-11-22 07:00:00 203.0.113.10 GET / ${peer} ${user} 401 1 1326`;

const SQL = '2026-11-22 07:00:00.17 Logon       ';
const SMTP = `2026-11-22T07:00:00.000Z,EX\\Default,08DA,5,203.0.113.10:25,${R}:4000`;

describe('the own logs of services on Windows, six times, from the raw line to the firewall', () => {
  it.each([
    ['A14', 'the columns as they are named', sixTimes(WEB, request(R, V))],
    ['A14', 'a second #Fields: moves c-ip', [WEB, ...sixTimes(SWAPPED, request(V, R))]],
    [
      'A15',
      "the name reads like the line's end",
      sixTimes(
        `${SQL}Error: 18456, Severity: 14, State: 5.`,
        `${SQL}Login failed for user 'sa'. Reason: x. [CLIENT: ${V}]'. Reason: Could not find a login matching the name provided. [CLIENT: ${R}]`,
      ),
    ],
    [
      'A15',
      'French',
      sixTimes(
        `${SQL}Erreur : 18456, Gravité : 14, État : 8.`,
        `${SQL}Échec de la connexion de l'utilisateur 'sa'. Raison : x. [CLIENT : ${V}]'. Raison : y. [CLIENT : ${R}]`,
      ),
    ],
    [
      'A16',
      'a greeting with commas and an address',
      sixTimes(`${SMTP},<,"EHLO a,${V}:25,b",`, `${SMTP},>,535 5.7.3 Authentication unsuccessful,`),
    ],
  ])('%s: %s: the peer alone is blocked', async (_id, _what, lines) => {
    const subject = new Chain(detections, T + 60_000);
    for (const line of lines) subject.line(line);
    expect([...subject.addresses()]).toEqual([R]);
    expect(await subject.inForce()).toEqual([R]);
  });

  it('A14: lines before any #Fields: tell of nobody', () => {
    const subject = new Chain(detections, T + 60_000);
    for (const line of sixTimes(request(R, V))) expect(subject.line(line)).toBeUndefined();
    expect([...subject.addresses()]).toEqual([]);
  });

  it('A15: a name with line ends brings nobody else a block', async () => {
    const subject = new Chain(detections, T + 60_000);
    const tries = sixTimes(
      `${SQL}Error: 18456, Severity: 14, State: 5.`,
      `${SQL}Login failed for user 'x'. [CLIENT: ${V}]`,
      `'. Reason: Could not find a login matching the name provided. [CLIENT: ${R}]`,
    );
    for (const line of tries) subject.line(line);
    expect(await subject.inForce()).toEqual([]);
  });

  it('B12: 10,000 packets in the log of the firewall bring nobody a block', async () => {
    const subject = new Chain(detections, T + 60_000);
    for (let n = 0; n < 10_000; n++) {
      const time = `07:${String(Math.floor(n / 60) % 60).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`;
      const line = `2026-11-22 ${time} DROP TCP ${V} 203.0.113.10 ${n % 60_000} 3389 52 S ${n} 0 64240 - - - RECEIVE`;
      expect(subject.line(line)).toMatchObject({ 'source.ip': V, 'fleetwall.evidence': 'spoofable' });
    }
    subject.counter.flush();
    subject.decide();
    expect(await subject.inForce()).toEqual([]);
  });
});
