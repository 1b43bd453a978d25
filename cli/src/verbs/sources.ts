import type { Command } from 'commander';
import type { Context } from '../context.js';
import { cliError, EXIT } from '../errors.js';

const HELP = `
A source is a YAML file: which lines, patterns, fields, and tests (docs/sources.md). Each test line is read as the collector would; then
whatever a peer may have written into it is replaced by text that imitates the rest of the line, to see whether it could choose the address.

Example: fleetwall sources test ./sources`;

export function addSources(program: Command, context: Context): void {
  const { output, home } = context;
  const sources = program
    .command('sources')
    .helpCommand(false)
    .usage('test [DIR]')
    .description('check log sources of your own and run their tests');
  sources
    .command('test')
    .argument('[DIR]', 'directory of sources, or one file; that of the configuration when not given')
    .description('read the sources as a collector would, run their tests, and show every mistake')
    .option('--json', 'print names and mistakes as JSON')
    .addHelpText('after', HELP)
    .action(async (directory: string | undefined, { json }: { json?: true }) => {
      const { checkCustomSources } = await import('@fleetwall/config');
      const path = directory ?? (await configured());
      if (path === undefined) {
        throw cliError('WRONG_USE', {
          reason: 'no directory is given, and the configuration has no `sources`.',
          about: 'help sources',
        });
      }
      const { sources: loaded, problems } = await checkCustomSources(path);
      if (problems.length > 0) context.exitCode = EXIT.failed;
      if (json) {
        output.json({ sources: loaded.map(({ name }) => name), problems });
        return;
      }
      for (const { position, message, hint } of problems) output.note(`${position}: ${message}\n  ${hint}\n`);
      for (const { name } of loaded) output.line(`${name}: loads, and its tests pass`);
    });

  async function configured(): Promise<string | undefined> {
    const { readServiceConfig } = await import('../service-config.js');
    return readServiceConfig(home).config.sources;
  }
}
