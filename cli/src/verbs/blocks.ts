import { portsText, scopeText } from '@fleetwall/core';
import type { Command } from 'commander';
import type { BlockAnswer } from '../answers.js';
import type { Context } from '../context.js';

const NOW = new Set<BlockAnswer['state']>(['active', 'held', 'dry-run']);

export function addBlocks(program: Command, { output, client }: Context): void {
  program
    .command('blocks')
    .description('list the blocks and their reasons')
    .option('--all', 'also those that are over')
    .option('--json', 'print all of them as JSON')
    .action(async ({ all, json }: { all?: true; json?: true }) => {
      const blocks = await client.get<BlockAnswer[]>('blocks');
      if (json) {
        output.json(blocks);
        return;
      }
      const shown = blocks.filter(({ state }) => all || NOW.has(state)).sort((a, b) => b.atMs - a.atMs);
      if (shown.length === 0) {
        const over = blocks.length > 0 ? ` (${blocks.length} are over: --all)` : '';
        output.line(`Nothing is blocked${over}.`);
        return;
      }
      output.table([['ADDRESS', 'SCOPE', 'STATE', 'FROM', 'UNTIL', 'PORTS', 'TIMES', 'REASON'], ...shown.map(rowOf)]);
    });
}

function rowOf({ target, scope, state, at, until, ports, offence, reasons }: BlockAnswer): string[] {
  const named = reasons.map((reason) => (reason.type === 'alert' ? reason.rule : `${reason.by}: ${reason.comment}`));
  const isEndless = state === 'active' && reasons.some((reason) => reason.type === 'person' && reason.isEndless);
  const end = isEndless ? 'it is off the denylist' : until;
  return [target, scopeText(scope), state, at, end, portsText(ports), String(offence), named.join(', ')];
}
