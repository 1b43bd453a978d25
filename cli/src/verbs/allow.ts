import { canonicalTarget } from '@fleetwall/core';
import type { Command } from 'commander';
import type { AllowAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { cliError } from '../errors.js';
import { isoText } from '../iso-text.js';
import { whoami } from './arm.js';

interface AllowOptions {
  reason?: string;
  owner?: string;
  for?: string;
  remove?: true;
  json?: true;
}

export function addAllow(program: Command, { output, client }: Context): void {
  program
    .command('allow')
    .argument('[ADDRESS]', 'address or network; the list is printed when not given')
    .description('never block an address or a network; or list what is never blocked')
    .option('--reason <TEXT>', 'why, required')
    .option('--owner <NAME>', 'who answers for it; you when not given')
    .option('--for <DURATION>', 'how long: 12h, 30d; until it is removed when not given')
    .option('--remove', 'take it off the list again')
    .option('--json', 'print the list as JSON')
    .action(async (text: string | undefined, options: AllowOptions) => {
      const list = await ask(text === undefined ? undefined : canonicalTarget(text), options);
      if (options.json) output.json(list);
      else if (list.length === 0) output.line('The allowlist is empty.');
      else output.table([['ADDRESS', 'SINCE', 'UNTIL', 'OWNER', 'REASON'], ...list.map(rowOf)]);
    });

  function ask(target: string | undefined, options: AllowOptions): Promise<AllowAnswer[]> {
    const { reason, owner = whoami(), for: duration, remove } = options;
    if (target === undefined) {
      if (remove || reason !== undefined || duration !== undefined || options.owner !== undefined)
        throw cliError('WRONG_USE', { reason: 'These options need an address.', about: 'help allow' });
      return client.get('allow');
    }
    if (remove) return client.delete(`allow/${encodeURIComponent(target)}`);
    if (reason === undefined)
      throw cliError('WRONG_USE', {
        reason: `Say why ${target} must never be blocked: --reason TEXT.`,
        about: 'help allow',
      });
    return client.post('allow', { target, reason, owner, duration });
  }
}

function rowOf({ target, createdMs, untilMs, owner, reason }: AllowAnswer): string[] {
  return [target, isoText(createdMs), untilMs === undefined ? 'it is removed' : isoText(untilMs), owner, reason];
}
