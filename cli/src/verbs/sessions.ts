import { printable } from '@fleetwall/core';
import type { Command } from 'commander';
import type { SessionAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { durationText } from '../duration.js';

const HELP = `
From logons and what systems, sshd, Windows, remote desktop gateways and VPN servers say of sessions. Where no end was told, the session
is open still, or its end was never logged.

Examples: fleetwall sessions 198.51.100.7
          fleetwall sessions anna --since 30d`;

export function addSessions(program: Command, { output, client }: Context): void {
  program
    .command('sessions')
    .argument('[WHO]', 'account, address or network; everybody when not given')
    .description('show who was connected when, from where, on which host')
    .option('--since <DURATION>', 'how far back: 12h, 7d', '7d')
    .option('--json', 'print the answer of the service as JSON')
    .addHelpText('after', HELP)
    .action(async (who: string | undefined, { since, json }: { since: string; json?: true }) => {
      const asked = new URLSearchParams({ since, ...(who !== undefined && { who }) });
      const sessions = await client.get<SessionAnswer[]>(`sessions?${asked}`);
      if (json) output.json(sessions);
      else if (sessions.length === 0) output.line('Nobody was connected, as far as events tell.');
      else output.table([['FROM', 'UNTIL', 'LASTED', 'ACCOUNT', 'ADDRESS', 'HOST'], ...sessions.map(rowOf)]);
    });
}

function rowOf({ from, until, account, address, host }: SessionAnswer): string[] {
  const lasted = from !== undefined && until !== undefined ? durationText(Date.parse(until) - Date.parse(from)) : '';
  return [from ?? 'unknown', until ?? '', lasted, printable(account), address ?? '', printable(host)];
}
