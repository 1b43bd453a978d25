import { readFileSync } from 'node:fs';
import { type Difference, dataPath, readLines, type Suite } from './suite.test-support.js';

/** A line of vsftpd's log about a logon, as plaso's parser cuts it: who, what became of it, from where. */
const LOGON = /\[pid \d+\] \[(?<user>[^\]]*)\] (?<result>OK|FAIL) LOGIN: Client "(?<ip>[^"]*)"/;

/** plaso's sample of a log of vsftpd: lines about logons are the positives. */
export function plasoVsftpdSuite(): Suite {
  const path = 'plaso/vsftpd.log';
  return {
    name: path,
    needs: [path],
    known: {},
    run: () => {
      const lines = readFileSync(dataPath(path), 'utf8').split('\n').filter(Boolean);
      const reads = readLines(lines);
      const differences = lines.flatMap((line, i): Difference[] => {
        const { user, result, ip } = LOGON.exec(line)?.groups ?? {};
        const event = reads[i]?.event;
        const outcome = result === undefined ? undefined : result === 'OK' ? 'success' : 'failure';
        const isRight =
          event?.['event.outcome'] === outcome &&
          (outcome === undefined || (event?.['source.ip'] === ip && event?.['user.name'] === user));
        if (isRight) return [];
        const here = `${event?.['event.outcome'] ?? reads[i]?.unparsed} ${event?.['source.ip']} ${event?.['user.name']}`;
        return [{ verdict: 'wrong', file: path, line: i + 1, expected: `${outcome} ${ip} ${user}`, here }];
      });
      const positives = lines.filter((line) => LOGON.test(line)).length;
      return { positives, negatives: lines.length - positives, differences };
    },
  };
}
