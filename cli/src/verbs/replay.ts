import type { Command } from 'commander';
import type { Context } from '../context.js';
import { cliError } from '../errors.js';
import { repeated } from './repeated.js';

interface ReplayFlags {
  rules?: string[];
  policies?: string;
  fromYear?: string;
  sources?: string;
  trustedProxy?: string[];
  zone: string;
  top: string;
  json?: true;
}

const HELP = `
Reads text logs (plain, gzip, UTF-16) and Windows event logs (EVTX, XML), and of directories all that lie below. What a file
is, its first bytes tell; what was not known is said. All go together, in the order of their events, through the real rules
and policies with the clock of the events. Enforces nothing, writes nothing but the report, and needs no running service.

Examples: fleetwall replay /var/log
          fleetwall replay Security.evtx iis/u_ex26*.log`;

export function addReplay(program: Command, context: Context): void {
  program
    .command('replay')
    .argument('<FILE...>', 'log files and directories of them')
    .description('show what would have been blocked in existing logs, and why')
    .option('--rules <DIR>', 'directory of Sigma rules instead of the shipped ones; may be repeated', repeated)
    .option('--policies <DIR>', 'directory of policies instead of the shipped ones')
    .option('--sources <DIR>', 'directory of log sources of your own, besides the shipped ones')
    .option(
      '--trusted-proxy <NETWORK>',
      'believe its X-Forwarded-For; a network or a list in proxies/; may be repeated',
      repeated,
    )
    .option('--from-year <YEAR>', 'year of the first line, where stamps name none; else by the time of the file')
    .option('--zone <ZONE>', 'time zone of stamps that name none', 'UTC')
    .option('--top <COUNT>', 'how many blocks to show to people', '20')
    .option('--json', 'print the whole report as one JSON object')
    .addHelpText('after', HELP)
    .action((paths: string[], flags: ReplayFlags) => replay(paths, flags, context));
}

async function replay(paths: string[], flags: ReplayFlags, { output }: Context): Promise<void> {
  const { readYear, readZone } = await import('../time-options.js');
  const [zone, fromYear, top] = [readZone(flags.zone), readYear(flags.fromYear), readCount(flags.top)];
  const { checkLogPaths } = await import('../log-paths.js');
  checkLogPaths(paths, { directories: true });
  const { detectionSources, readCustomSources, readDetections } = await import('@fleetwall/config');
  const { rules, policies } = await readDetections(detectionSources(flags));
  const sources = await readCustomSources(flags.sources);
  const { readNamedProxies } = await import('../trusted-proxies.js');
  const proxies = await readNamedProxies(flags.trustedProxy);
  const { runReplay } = await import('../replay-run.js');
  const { humanReport, jsonReport } = await import('../replay/index.js');
  await runReplay(paths, { rules, policies, zone, fromYear, sources, proxies }, output, async (result, files) => {
    if (flags.json) await output.jsonPieces(jsonReport(result, files));
    else for await (const line of humanReport(result, files, top)) output.line(line);
  });
}

function readCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 0) return count;
  throw cliError('OPTION_INVALID', {
    option: '--top',
    value: text,
    expected: 'a whole number',
    instead: '`--json` shows all.',
  });
}
