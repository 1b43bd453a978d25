import { readFileSync } from 'node:fs';
import { crowdsecSuite } from './crowdsec.test-support.js';
import { fail2banSuite } from './fail2ban.test-support.js';
import { type Difference, dataPath, isFailure, peerOf, readLines, type Suite } from './suite.test-support.js';

/** What one line of a sample should give; undefined where nobody should be held to account. */
interface Expected {
  ip: string;
  user?: string;
  isSuccess?: boolean;
}

interface LinesOptions {
  /** Lines before the sample's own, as the program writes them at the beginning of a file. */
  head?: readonly string[];
  expected(line: string): Expected | undefined;
  known?: Record<string, string>;
}

/** A file whose lines say themselves what they are: every one is judged. */
function linesSuite(path: string, { head = [], expected, known = {} }: LinesOptions): Suite {
  return {
    name: path,
    needs: [path],
    known,
    run: () => {
      const lines = readFileSync(dataPath(path), 'utf8').split(/\r?\n/);
      const reads = readLines([...head, ...lines]).slice(head.length);
      const result = { positives: 0, negatives: 0, differences: [] as Difference[] };
      for (const [i, line] of lines.entries()) {
        if (line.trim() === '') continue;
        const wanted = expected(line);
        result[wanted === undefined ? 'negatives' : 'positives']++;
        const event = reads[i]?.event;
        const outcome = isFailure(event) ? 'failure' : event?.['event.outcome'] === 'success' ? 'success' : 'none';
        const here = `${outcome} of ${peerOf(event)} ${event?.['user.name'] ?? ''}`.trim();
        const file = path.slice(path.lastIndexOf('/') + 1);
        if (wanted === undefined) {
          if (outcome === 'failure') {
            result.differences.push({
              verdict: 'wrong',
              file,
              line: i + 1,
              expected: 'no failure',
              here,
              isNegative: true,
            });
          }
          continue;
        }
        const isRight =
          outcome === (wanted.isSuccess === true ? 'success' : 'failure') &&
          peerOf(event) === wanted.ip &&
          (wanted.user === undefined || event?.['user.name'] === wanted.user);
        const text = `${wanted.isSuccess === true ? 'success' : 'failure'} of ${wanted.ip} ${wanted.user ?? ''}`.trim();
        const verdict = outcome === 'none' ? 'missed' : 'wrong';
        if (!isRight) result.differences.push({ verdict, file, line: i + 1, expected: text, here });
      }
      return result;
    },
  };
}

const nothing = () => undefined;

const IIS_HEAD =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken';
const FTP_HEAD =
  '#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath';

/** IPBan's sample of RD Web Access, without the beginning of its log. */
const RDWEB = linesSuite('ipban/iis_rdweb.log', {
  head: [IIS_HEAD],
  expected: (line) =>
    / 302 0 0 \d+$/.test(line) ? { ip: '2.3.4.5', user: 'username', isSuccess: true } : { ip: '2.3.4.5' },
});

/** Rows that tell of a refusal, where the row is whole. */
function exchangeRow(line: string): Expected | undefined {
  const cells = line.split(',');
  const isWhole = /^\d{4}-\d\d-\d\dT/.test(line) && cells.length >= 9;
  const isRefusal = /,(?:>,535 |\*,,Inbound AUTH LOGIN failed|\*,,User Name: )|AuthFailed/.test(line);
  const ip = (line.includes('AuthFailed') ? cells[4] : cells[5])?.replace(/:\d+$/, '');
  return isWhole && isRefusal && ip !== undefined ? { ip } : undefined;
}

function firstAddress(pattern: RegExp, line: string): string {
  return pattern.exec(line)?.[1] ?? '';
}

/** The own logs of services on Windows. */
export const windowsLogsSuites: readonly Suite[] = [
  fail2banSuite('mssql-auth'),
  linesSuite('crowdsec-hub-tests/mssql-text-logs/mssql-text-logs.log', {
    expected: (line) => {
      const [, user, ip] = / Login failed for user '(\w+)'.* \[CLIENT: ([\d.]+)\]$/.exec(line) ?? [];
      return ip === undefined || user === undefined ? undefined : { ip, user };
    },
  }),
  crowdsecSuite('exchange-smtp-logs', { failures: /auth/ }),
  crowdsecSuite('exchange-imap-logs', { failures: /auth/ }),
  linesSuite('ipban/exchange_smtp_receive_auth_unsuccessful.log', { expected: exchangeRow }),
  RDWEB,
  linesSuite('ipban/sample-lines-from-recipes/IIS_FTP.txt', {
    head: [FTP_HEAD],
    expected: (line) => {
      if (/PASS \*\*\* 530/.test(line)) return { ip: '2.3.4.5', user: 'failUserName' };
      return / PASS \*\*\* 230/.test(line) ? { ip: '11.12.13.14', user: 'userName', isSuccess: true } : undefined;
    },
  }),
  linesSuite('ipban/sample-lines-from-recipes/Filezilla.txt', {
    expected: (line) => {
      if (/> 530 Login/.test(line)) return { ip: firstAddress(/\(([\d.]+)\)>/, line) };
      return /230 Log/.test(line) ? { ip: '1.2.3.4', isSuccess: true } : undefined;
    },
  }),
  linesSuite('plaso/iis/iis6.log', { expected: nothing }),
  linesSuite('plaso/iis/iis10.log', { expected: nothing }),
  linesSuite('plaso/iis/iis7_owa.log', { expected: nothing }),
  linesSuite('plaso/windows_firewall.log', { expected: nothing }),
  ...['2', '3', '4', '6', '_big.0'].map((name) =>
    linesSuite(`lnav/logfile_w3c${name.startsWith('_') ? '' : '.'}${name}`, { expected: nothing }),
  ),
];
