import { printable } from '@fleetwall/core';
import type { Command } from 'commander';
import { type BreakGlassStep, breakGlass, removeHostTable } from '../break-glass.js';
import type { Context } from '../context.js';
import { EXIT } from '../errors.js';

const SERVICE_WITHIN_MS = 3_000;

const HELP = `
Works without a running service, with one that hangs, and with a broken configuration; then it needs root. Blocks are
still decided and reported; \`fleetwall arm\` enforces them again.`;

const MARKS: Record<BreakGlassStep['outcome'], string> = {
  done: 'done   ',
  nothing: '-      ',
  failed: 'FAILED ',
  unknown: 'unknown',
};

export function addDisarm(program: Command, context: Context): void {
  const { output, client, home } = context;
  program
    .command('disarm')
    .description('lift all blocks on this host at once, for good, with or without a service')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => {
      const result = await breakGlass({
        home,
        askService: () => client.post('disarm', {}, { timeoutMs: SERVICE_WITHIN_MS }),
        removeTable: removeHostTable,
      });
      if (!result.disarmed) context.exitCode = EXIT.failed;
      if (json) {
        output.json(result);
        return;
      }
      for (const { step, outcome, detail } of result.steps)
        output.line(`  ${MARKS[outcome]}  ${step.padEnd(8)}  ${printable(detail, 400)}`);
      if (result.disarmed) output.line('Disarmed: nothing is enforced on this host.');
      else output.note('fleetwall: Not everything could be undone.\n  Run `fleetwall disarm` as root (sudo).');
    });
}
