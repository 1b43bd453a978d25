import type { Suite, SuiteResult } from './suite.test-support.js';

export interface Judged {
  suite: Suite;
  result: SuiteResult;
}

/** `docs/generated/conformance.md`. */
export function reportPage(areas: readonly { title: string; judged: readonly Judged[] }[]): string {
  const all = areas.flatMap(({ judged }) => judged);
  const [, positives, right] = totalsOf(all);
  const told = all.flatMap(({ result }) => result.differences).filter(({ isTold }) => isTold === true).length;
  return [
    '<!-- Written by `npm run conformance` from libs/sources/src/conformance; changes belong there. -->',
    '',
    '# What others know about these logs',
    '',
    'The test data of fail2ban, crowdsec, Wazuh and others, which is not part of this repository, against what is read here. A',
    'sample is right when the event, its address and its account are those that the others found. Missed: not found here.',
    'Wrong: another address or account, or a failure where they say there is none. Every difference has its reason below.',
    '',
    `Of ${positives} positives ${right} are right: ${percent(right, positives)}. Another ${told} are events of the same address here, too, but hold nobody`,
    `to account, since nobody guessed a password: with them it is ${percent(right + told, positives)}.`,
    '',
    ...areas.flatMap(({ title, judged }) => [
      `## ${title}`,
      '',
      '| Data | Samples | Positives | Right | Missed | Wrong |',
      '|---|---|---|---|---|---|',
      ...judged.map((one) => `| ${[one.suite.name, ...totalsOf([one])].join(' | ')} |`),
      '',
      ...reasonsOf(judged),
    ]),
  ].join('\n');
}

/** Samples, positives, right ones, missed ones, wrong ones. */
function totalsOf(judged: readonly Judged[]): [number, number, number, number, number] {
  const totals: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  for (const { result } of judged) {
    const { positives, negatives, differences } = result;
    const missed = differences.filter(({ verdict }) => verdict === 'missed').length;
    const wrong = differences.length - missed;
    const amongNegatives = differences.filter(({ isNegative }) => isNegative === true).length;
    const row = [positives + negatives, positives, positives - (differences.length - amongNegatives), missed, wrong];
    row.forEach((value, i) => {
      totals[i] = (totals[i] as number) + value;
    });
  }
  return totals;
}

/** One reason a row, with the samples that it explains. */
function reasonsOf(judged: readonly Judged[]): string[] {
  const rows = judged.flatMap(({ suite, result }) => {
    const byReason = new Map<string, string[]>();
    for (const { file, line, expected, here } of result.differences) {
      const reason = suite.known[`${file}:${line}`] ?? 'UNEXPLAINED';
      byReason.set(reason, [
        ...(byReason.get(reason) ?? []),
        `${file}:${line} (${cell(expected)}; here ${cell(here)})`,
      ]);
    }
    return [...byReason].map(([reason, samples]) => `- ${samples.length} of ${suite.name}: ${reason}. ${samples[0]}`);
  });
  return rows.length > 0 ? ['Differences, by reason, each with its first sample:', '', ...rows, ''] : [];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').slice(0, 120);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}
