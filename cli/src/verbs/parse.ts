import type { Command } from 'commander';
import type { Context } from '../context.js';
import { repeated } from './repeated.js';

interface ParseFlags {
  source?: string;
  fromYear?: string;
  zone: string;
  sources?: string;
  trustedProxy?: string[];
}

const HELP = `
One line of JSON for each line of the files: the ECS event with its attempt id, or for a line that gives none
{"event.original":…,"fleetwall.unparsed":"why"}. - is standard input; files may be gzip or UTF-16. Of Windows' event log (EVTX, XML)
a line for each record.

Example: fleetwall parse /var/log/auth.log | jq 'select(."event.outcome" == "failure")'`;

export function addParse(program: Command, { output }: Context): void {
  program
    .command('parse')
    .argument('<FILE...>', 'log files; - for standard input')
    .description('print the event of each log line as NDJSON')
    .option('--source <NAME>', 'read with this source only; with all when not given')
    .option('--sources <DIR>', 'directory of log sources of your own, besides the shipped ones')
    .option(
      '--trusted-proxy <NETWORK>',
      'believe its X-Forwarded-For; a network or a list in proxies/; may be repeated',
      repeated,
    )
    .option('--from-year <YEAR>', 'year of the first line, where stamps name none; else by the time of the file')
    .option('--zone <ZONE>', 'time zone of stamps that name none', 'UTC')
    .addHelpText('after', HELP)
    .action(async (paths: string[], flags: ParseFlags) => {
      const { parseFiles } = await import('../parse-files.js');
      await parseFiles(paths, flags, output);
    });
}
