import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { StatusAnswer } from '../answers.js';
import type { Context } from '../context.js';

/** Who sits at this terminal, for the record. */
export function whoami(): string {
  const by = process.env['SUDO_USER'] ?? userInfo().username;
  return `${by} (command line)`;
}

export function addArm(program: Command, { output, client }: Context): void {
  program
    .command('arm')
    .description('enforce blocks in the firewall of this host from now on, also after a reboot')
    .option('--json', 'print the answer of the service as JSON')
    .action(async ({ json }: { json?: true }) => {
      const status = await client.post<StatusAnswer>('arm', { by: whoami() });
      if (json) output.json(status);
      else if (status.enforcing)
        output.line(`Armed: ${status.firewall.name} holds ${status.blocks.inForceHere} blocks on ${status.host}.`);
      else output.line('Armed.');
      if (!status.enforcing) output.note(`Nothing is enforced all the same: ${status.firewall.reason ?? 'dry run'}.`);
    });
}
