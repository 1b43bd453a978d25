import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CredentialRow } from '@fleetwall/protocol';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { cliError } from '../errors.js';

interface CredentialFlags {
  agent?: string;
  host: string;
  tenant: string;
  file?: string;
  json?: true;
}

const HELP = `
The token is shown once and kept nowhere: give it to the collector (collector.uplink.tokenFile). The gateway takes the new
row within seconds. To withdraw a credential, remove its row.`;

/** A credential for a collector, added to the file that gateways read. */
export function addCredential(program: Command, { output, home }: Context): void {
  program
    .command('credential')
    .description('make a credential for a collector and add it to those the gateway knows')
    .requiredOption('--host <NAME>', 'host that its events are stamped with')
    .option('--agent <ID>', 'agent id that its events are stamped with; the host when not given')
    .option('--tenant <ID>', 'tenant that its events are stamped with', 'default')
    .option('--file <PATH>', 'file of credentials; credentials.yml in FLEETWALL_HOME when not given')
    .option('--json', 'print the token and the row as JSON')
    .addHelpText('after', HELP)
    .action(async ({ agent, host, tenant, file, json }: CredentialFlags) => {
      const { newCredential } = await import('@fleetwall/protocol');
      const path = file ?? join(home.directory, 'credentials.yml');
      const { token, row } = newCredential({ agent: agent ?? host, host, tenant });
      await checkUnknown(path, row);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const yaml = `- { agent: ${quoted(row.agent)}, host: ${quoted(row.host)}, tenant: ${quoted(row.tenant)}, tokenSha256: ${row.tokenSha256} }\n`;
      appendFileSync(path, yaml, { mode: 0o600, flush: true });
      chmodSync(path, 0o600);
      if (json) output.json({ token, row, file: path });
      else {
        output.line(token);
        output.note(`The gateway knows it from ${path}; the token above is shown only now.`);
      }
    });
}

/** The gateway would pass over a row that repeats an agent or a host. */
async function checkUnknown(path: string, { agent, host }: CredentialRow): Promise<void> {
  if (!existsSync(path)) return;
  const { parse } = await import('yaml');
  const rows = (parse(readFileSync(path, 'utf8')) ?? []) as CredentialRow[];
  const expected = `one that ${path} does not have yet`;
  const instead = 'Remove its row first: the old token then no longer works.';
  if (rows.some((row) => row.agent === agent))
    throw cliError('OPTION_INVALID', { option: '--agent', value: agent, expected, instead });
  if (rows.some((row) => row.host === host))
    throw cliError('OPTION_INVALID', { option: '--host', value: host, expected, instead });
}

/** JSON strings are YAML strings. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
