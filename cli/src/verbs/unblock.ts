import { canonicalTarget } from '@fleetwall/core';
import type { Command } from 'commander';
import type { BlockAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { whoami } from './arm.js';

export function addUnblock(program: Command, { output, client }: Context): void {
  program
    .command('unblock')
    .argument('<ADDRESS>', 'address or network as `fleetwall blocks` shows it')
    .description('lift a block; evidence from before the lift no longer counts')
    .option('--comment <TEXT>', 'why, for the record')
    .option('--json', 'print what became of the block as JSON')
    .action(async (text: string, { comment, json }: { comment?: string; json?: true }) => {
      const target = canonicalTarget(text);
      const answer = await client.post<BlockAnswer[]>('unblock', { target, comment, by: whoami() });
      if (json) output.json(answer);
      else output.line(`${target} is no longer blocked.`);
    });
}
