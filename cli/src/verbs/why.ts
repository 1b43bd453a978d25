import { canonicalTarget, printable } from '@fleetwall/core';
import type { Command } from 'commander';
import type { EvidenceLine, WhyAnswer } from '../answers.js';
import type { Context } from '../context.js';
import type { Output } from '../output.js';

const MAX_LINE = 500;

export function addWhy(program: Command, { output, client }: Context): void {
  program
    .command('why')
    .argument('<ADDRESS>', 'address or network')
    .description('show why an address is blocked, or why not: the log lines behind it, from every host')
    .option('--json', 'print the answer of the service as JSON')
    .action(async (text: string, { json }: { json?: true }) => {
      const answer = await client.get<WhyAnswer>(`why/${encodeURIComponent(canonicalTarget(text))}`);
      if (json) output.json(answer);
      else show(answer, output);
    });
}

function show({ target, blocked, refusedHere, blocks, latest }: WhyAnswer, output: Output): void {
  output.line(output.styled('bold', `${target} is ${blocked ? '' : 'not '}blocked.`));
  if (refusedHere !== undefined) output.line(`This host never blocks it: ${printable(refusedHere)}.`);
  for (const block of blocks) {
    output.line();
    output.line(
      `${block.target}  ${printable(block.scope)}  ${block.state}  from ${block.at} to ${block.until}  ${printable(block.ports)}  time ${block.offence}`,
    );
    for (const { rule, summary, evidence } of block.reasons) {
      output.line(`  ${printable(rule)}: ${printable(summary)}`);
      for (const line of evidence) output.line(`    ${lineText(line)}`);
    }
  }
  if (latest.length === 0) {
    output.line('\nNo line of the last 31 days names it.');
    return;
  }
  output.line('\nLatest lines about it:');
  for (const line of latest) output.line(`  ${lineText(line)}`);
}

function lineText({ time, host, line }: EvidenceLine): string {
  return `${time}  ${printable(host)}  ${printable(line, MAX_LINE)}`;
}
