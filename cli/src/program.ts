import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Context } from './context.js';
import { ControlClient } from './control-client.js';
import { cliError, EXIT, exitOf } from './errors.js';
import { findHome, INSTALLED_AT } from './home.js';
import { Output } from './output.js';
import { addArm } from './verbs/arm.js';
import { addBlock } from './verbs/block.js';
import { addBlocks } from './verbs/blocks.js';
import { addCredential } from './verbs/credential.js';
import { addDisarm } from './verbs/disarm.js';
import { addDoctor } from './verbs/doctor.js';
import { addErase } from './verbs/erase.js';
import { addAllow, addDeny } from './verbs/lists.js';
import { addParse } from './verbs/parse.js';
import { addReplay } from './verbs/replay.js';
import { addRules } from './verbs/rules.js';
import { addSelftest } from './verbs/selftest.js';
import { addServices } from './verbs/services.js';
import { addSessions } from './verbs/sessions.js';
import { addSources } from './verbs/sources.js';
import { addStatus } from './verbs/status.js';
import { addUnblock } from './verbs/unblock.js';
import { addWhy } from './verbs/why.js';

const AFTER_HELP = `
Nothing is blocked before \`fleetwall arm\`; \`fleetwall disarm\` lifts everything,
with or without a running service.

Exit codes:
  0    done
  1    failed or refused; mistakes found (rules check, doctor); self-test failed
  2    wrong use: unknown verb or option, missing argument, not an address
  3    no service is running, or it does not answer
  130  ended by Ctrl-C

Environment:
  FLEETWALL_HOME  directory of all data and of the control socket;
                  .fleetwall where Fleetwall is installed when not set
  NO_COLOR        no colours, also on a terminal`;

/** Runs one command line (without `node` and the script) and answers its exit code. Never throws. */
export async function run(argv: readonly string[], output = new Output()): Promise<number> {
  const home = findHome(process.env, process.cwd());
  const context: Context = { output, home, client: new ControlClient(home), exitCode: EXIT.ok };
  const program = buildProgram(context);
  try {
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync([...argv], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      output.error(error);
      return exitOf(error);
    }
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code !== 'commander.help') output.error(wrongUse(error, argv));
    return EXIT.wrongUse;
  }
}

/** All verbs. A verb loads what is heavy when it runs, so that every command starts quickly. */
export function buildProgram(context: Context): Command {
  const program = new Command('fleetwall')
    .description('One attack anywhere is blocked everywhere.')
    .usage('VERB [options]')
    .version(versionOf(INSTALLED_AT), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [VERB]', 'print help for a verb')
    .addHelpText('after', AFTER_HELP)
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}`.replace(/\[options\] ?/, '') })
    .exitOverride();
  const add = [addServices, addReplay, addStatus, addArm, addDisarm, addBlock, addUnblock, addBlocks, addWhy];
  for (const verb of [
    ...add,
    addAllow,
    addDeny,
    addCredential,
    addDoctor,
    addSelftest,
    addParse,
    addRules,
    addSources,
    addSessions,
    addErase,
  ])
    verb(program, context);
  return program;
}

/** Commander's own words, without its prefix. */
function wrongUse({ code, message }: CommanderError, argv: readonly string[]) {
  const [reason, ...more] = message.replace(/^error: /, '').split('\n');
  const suggestion = more.map((line) => ` ${line}`).join('');
  const [verb = ''] = argv;
  const about = verb.startsWith('-') || code === 'commander.unknownCommand' ? 'help' : `help ${verb}`;
  return cliError('WRONG_USE', { reason: `${reason}${suggestion}.`, about });
}

function versionOf(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }).version;
}
