import { readFileSync } from 'node:fs';
import { canonicalAddress } from '@fleetwall/core';
import {
  type Difference,
  dataPath,
  isAbout,
  isCounted,
  peerOf,
  type ReadLine,
  readLines,
  type Suite,
} from './suite.test-support.js';

/** fail2ban's samples are judged in August 2005 and in Switzerland. */
const NOW_MS = Date.UTC(2005, 7, 14, 10);
const ZONE = 'Europe/Zurich';

interface Annotation {
  match?: boolean;
  host?: string;
  ip4?: string;
  ip6?: string;
  user?: string;
  time?: string;
  constraint?: string;
}

interface Fail2banSample {
  number: number;
  text: string;
  expected: Annotation;
  /** fail2ban finds it in its extra modes only: a scan, nobody's password. */
  extraMode: boolean;
}

/** Every annotated line (`# failJSON: {…}` before it); fail2ban's own testcases/samplestestcase.py reads them so. */
function samplesOf(text: string): Fail2banSample[] {
  const samples: Fail2banSample[] = [];
  let expected: Annotation | undefined;
  let extraMode = false;
  for (const [i, line] of text.split('\n').entries()) {
    const options = /^# filterOptions?: (.*)$/.exec(line)?.[1];
    if (options !== undefined) {
      const list = [JSON.parse(options) as Record<string, string> | Record<string, string>[]].flat();
      extraMode = !list.some((option) => (option.mode ?? 'normal') === 'normal');
    }
    const annotation = /^# failJSON: (.*)$/.exec(line)?.[1];
    if (annotation !== undefined) expected = JSON.parse(annotation) as Annotation;
    if (line === '' || line.startsWith('#') || expected === undefined) continue;
    const inExtraMode = extraMode || /mode'\) == '/.test(expected.constraint ?? '');
    samples.push({ number: i + 1, text: line, expected, extraMode: inExtraMode });
    expected = undefined;
  }
  return samples;
}

export interface Fail2banOptions {
  /** Whether what fail2ban bans for is nobody's password by our reading: then no line of it may count. */
  isNoLogon?: boolean;
  known?: Record<string, string>;
  /** Each sample is a stream of its own: for formats that differ from line to line. */
  eachAlone?: boolean;
}

/** The annotated log of one filter. */
export function fail2banSuite(filter: string, options: Fail2banOptions = {}): Suite {
  const path = `fail2ban/logs/${filter}`;
  return {
    name: path,
    needs: [path],
    known: options.known ?? {},
    run: () => {
      const samples = samplesOf(readFileSync(dataPath(path), 'utf8'));
      const reads = readSamples(samples, options.eachAlone ?? false);
      const isPositive = (sample: Fail2banSample) =>
        sample.expected.match === true && !sample.extraMode && options.isNoLogon !== true;
      const differences = samples.flatMap((sample, i): Difference[] => {
        const difference = judge(sample, isPositive(sample), reads[i] as ReadLine);
        return difference === undefined ? [] : [{ file: filter, line: sample.number, ...difference }];
      });
      const positives = samples.filter(isPositive).length;
      return { positives, negatives: samples.length - positives, differences };
    },
  };
}

function readSamples(samples: readonly Fail2banSample[], eachAlone: boolean): ReadLine[] {
  const options = { zone: ZONE, year: { nowMs: () => NOW_MS } };
  const lines = samples.map(({ text }) => text);
  return eachAlone ? lines.flatMap((line) => readLines([line], options)) : readLines(lines, options);
}

type Judgement = Omit<Difference, 'file' | 'line'>;

function judge(sample: Fail2banSample, isPositive: boolean, { event, unparsed }: ReadLine): Judgement | undefined {
  const { host, ip4, ip6, user, time } = sample.expected;
  const here = isCounted(event)
    ? `counts against ${peerOf(event)}`
    : unparsed || `${event?.['event.action']}, not counted`;
  if (!isPositive)
    return isCounted(event) ? { verdict: 'wrong', expected: 'no match', here, isNegative: true } : undefined;
  const named = host ?? ip4 ?? ip6;
  const address = named === undefined ? undefined : (canonicalAddress(named) ?? named);
  if (!isCounted(event)) {
    const isTold = isAbout(event, address);
    return { verdict: 'missed', expected: `match of ${address ?? 'a connection'}`, here, isTold };
  }
  if (address !== undefined && peerOf(event) !== address) {
    return { verdict: 'wrong', expected: `match of ${address}`, here };
  }
  if (user !== undefined && event?.['user.name'] !== user) {
    return { verdict: 'wrong', expected: `user ${user}`, here: `user ${event?.['user.name']}` };
  }
  const local = localTime(event?.['@timestamp'] ?? 0);
  return time !== undefined && local !== time ? { verdict: 'wrong', expected: time, here: local } : undefined;
}

function localTime(timeMs: number): string {
  const text = new Date(timeMs).toLocaleString('sv-SE', { timeZone: ZONE });
  const offsetMs = Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(timeMs / 1000) * 1000;
  return new Date(timeMs + offsetMs).toISOString().slice(0, 19);
}
