import { canonicalTarget, portsText, scopeText } from '@fleetwall/core';
import type { Command } from 'commander';
import type { BlockAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { whoami } from './arm.js';

interface BlockOptions {
  for: string;
  host?: string;
  webOnly?: true;
  comment?: string;
  json?: true;
}

export function addBlock(program: Command, { output, client }: Context): void {
  program
    .command('block')
    .argument('<ADDRESS>', 'address or network: 198.51.100.7, 2001:db8::/64')
    .description('block an address or a network by hand')
    .option('--for <DURATION>', 'how long: 30m, 2h, 7d', '2h')
    .option('--host <NAME>', 'only on this host; on all hosts when not given')
    .option('--web-only', 'only the ports of web applications; all ports when not given')
    .option('--comment <TEXT>', 'why, for `fleetwall why`')
    .option('--json', 'print the block as JSON')
    .action(async (text: string, { for: duration, host, webOnly, comment, json }: BlockOptions) => {
      const target = canonicalTarget(text);
      const request = { target, duration, host, webOnly, comment, by: whoami() };
      const answer = await client.post<BlockAnswer[]>('blocks', request);
      if (json) output.json(answer);
      else
        for (const block of answer)
          output.line(
            `${block.target} is blocked (${scopeText(block.scope)}, ${portsText(block.ports)}) until ${block.until}.`,
          );
    });
}
