import { readFileSync } from 'node:fs';
import { canonicalAddress } from '@fleetwall/core';
import {
  type Difference,
  dataPath,
  isAbout,
  isCounted,
  peerOf,
  type ReadOptions,
  readLines,
  type Suite,
} from './suite.test-support.js';

interface Expectation {
  ip?: string;
  user?: string;
  logType?: string;
  subType?: string;
}

export interface CrowdsecOptions extends ReadOptions {
  /** The log, when it is not named like the folder. */
  file?: string;
  /** Values of `log_type` or `sub_type` that mean a failed logon; a line of another type must not count. */
  failures: RegExp;
  known?: Record<string, string>;
}

/** What the parsers of crowdsec's hub make of each line of one test (`parser.assert`), by the line's number from 0. */
function expectationsOf(text: string): Map<number, Expectation> {
  const expected = new Map<number, Expectation>();
  const pattern =
    /\["s01-parse"\]\["[^"]*"\]\[(\d+)\]\.Evt\.Meta\["(source_ip|target_user|username|log_type|sub_type)"\] == "((?:[^"\\]|\\.)*)"/g;
  for (const [, index, name, value] of text.matchAll(pattern)) {
    const entry = expected.get(Number(index)) ?? {};
    const text = JSON.parse(`"${value}"`) as string;
    if (name === 'source_ip') entry.ip = text;
    else if (name === 'log_type') entry.logType = text;
    else if (name === 'sub_type') entry.subType = text;
    else entry.user = text;
    expected.set(Number(index), entry);
  }
  return expected;
}

/** One folder of crowdsec's `.tests`. */
export function crowdsecSuite(folder: string, { file, failures, known = {}, ...options }: CrowdsecOptions): Suite {
  const [log, asserts] = [
    `crowdsec-hub-tests/${folder}/${file ?? `${folder}.log`}`,
    `crowdsec-hub-tests/${folder}/parser.assert`,
  ];
  return {
    name: `crowdsec-hub-tests/${folder}`,
    needs: [log, asserts],
    known,
    run: () => {
      const lines = readFileSync(dataPath(log), 'utf8').split('\n').filter(Boolean);
      const reads = readLines(lines, options);
      const expected = expectationsOf(readFileSync(dataPath(asserts), 'utf8'));
      const isPositive = (index: number) => {
        const { logType = '', subType = '' } = expected.get(index) ?? {};
        return failures.test(logType) || failures.test(subType);
      };
      const differences = lines.flatMap((_, index): Difference[] => {
        const difference = judge(
          expected.get(index),
          isPositive(index),
          reads[index]?.event,
          reads[index]?.unparsed ?? '',
        );
        return difference === undefined ? [] : [{ file: folder, line: index + 1, ...difference }];
      });
      const positives = lines.filter((_, index) => isPositive(index)).length;
      return { positives, negatives: lines.length - positives, differences };
    },
  };
}

function judge(
  expected: Expectation | undefined,
  isPositive: boolean,
  event: ReturnType<typeof readLines>[number]['event'],
  unparsed: string,
): Omit<Difference, 'file' | 'line'> | undefined {
  const here = `${unparsed || event?.['event.action']} ${peerOf(event) ?? ''} ${event?.['user.name'] ?? ''}`.trim();
  if (!isPositive)
    return isCounted(event) ? { verdict: 'wrong', expected: 'no failure', here, isNegative: true } : undefined;
  const { ip, user } = expected ?? {};
  const wanted = `failure of ${ip ?? 'somebody'} ${user ?? ''}`.trim();
  if (!isCounted(event)) return { verdict: 'missed', expected: wanted, here, isTold: isAbout(event, ip) };
  const isPeer = ip === undefined || peerOf(event) === (canonicalAddress(ip) ?? ip);
  const isUser = user === undefined || user === '' || event?.['user.name'] === user;
  return isPeer && isUser ? undefined : { verdict: 'wrong', expected: wanted, here };
}
