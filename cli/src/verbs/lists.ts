import { canonicalTarget } from '@fleetwall/core';
import type { Command } from 'commander';
import type { AllowAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { cliError } from '../errors.js';
import { isoText } from '../iso-text.js';
import { whoami } from './arm.js';

/** What sets the two lists apart. */
const LISTS = {
  allow: {
    described: 'never block an address or a network; or list what is never blocked',
    empty: 'The allowlist is empty.',
    reasonFor: (target: string) => `Say why ${target} must never be blocked: --reason TEXT.`,
  },
  deny: {
    described: 'block an address or a network on every host until it is taken off the list; or show the list',
    empty: 'The denylist is empty.',
    reasonFor: (target: string) => `Say why ${target} is to be blocked: --reason TEXT.`,
  },
} as const;

interface AllowOptions {
  reason?: string;
  owner?: string;
  for?: string;
  remove?: true;
  json?: true;
}

export function addAllow(program: Command, context: Context): void {
  addList('allow', program, context);
}

export function addDeny(program: Command, context: Context): void {
  addList('deny', program, context);
}

function addList(list: keyof typeof LISTS, program: Command, { output, client }: Context): void {
  const { described, empty, reasonFor } = LISTS[list];
  program
    .command(list)
    .argument('[ADDRESS]', 'address or network; the list is printed when not given')
    .description(described)
    .option('--reason <TEXT>', 'why, required')
    .option('--owner <NAME>', 'who answers for it; you when not given')
    .option('--for <DURATION>', 'how long: 12h, 30d; until it is removed when not given')
    .option('--remove', 'take it off the list again')
    .option('--json', 'print the list as JSON')
    .action(async (text: string | undefined, options: AllowOptions) => {
      const entries = await ask(text === undefined ? undefined : canonicalTarget(text), options);
      if (options.json) output.json(entries);
      else if (entries.length === 0) output.line(empty);
      else output.table([['ADDRESS', 'SINCE', 'UNTIL', 'OWNER', 'REASON'], ...entries.map(rowOf)]);
    });

  function ask(target: string | undefined, options: AllowOptions): Promise<AllowAnswer[]> {
    const { reason, owner = whoami(), for: duration, remove } = options;
    if (target === undefined) {
      if (remove || reason !== undefined || duration !== undefined || options.owner !== undefined)
        throw cliError('WRONG_USE', { reason: 'These options need an address.', about: `help ${list}` });
      return client.get(list);
    }
    if (remove) return client.delete(`${list}/${encodeURIComponent(target)}`);
    if (reason === undefined) throw cliError('WRONG_USE', { reason: reasonFor(target), about: `help ${list}` });
    return client.post(list, { target, reason, owner, duration });
  }
}

function rowOf({ target, createdMs, untilMs, owner, reason }: AllowAnswer): string[] {
  return [target, isoText(createdMs), untilMs === undefined ? 'it is removed' : isoText(untilMs), owner, reason];
}
