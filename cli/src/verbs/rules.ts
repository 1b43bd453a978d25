import type { Command } from 'commander';
import type { Context } from '../context.js';
import { EXIT } from '../errors.js';
import { repeated } from './repeated.js';

interface CheckOptions {
  rules?: string[];
  policies?: string;
  json?: true;
}

export function addRules(program: Command, context: Context): void {
  const { output, home } = context;
  const rules = program
    .command('rules')
    .helpCommand(false)
    .usage('check [DIR…]')
    .description('check Sigma rules and policies and show every mistake with its place');
  rules
    .command('check')
    .argument('[DIR...]', 'directories of Sigma rules; those of the configuration when not given')
    .description('read all rules and policies as the service would, and show every mistake')
    .option('--rules <DIR>', 'the same as the argument; may be repeated', repeated)
    .option('--policies <DIR>', 'directory of policies; that of the configuration when not given')
    .option('--json', 'print counts and mistakes as JSON')
    .action(async (directories: string[], options: CheckOptions) => {
      const { checkDetections, detectionSources } = await import('@fleetwall/config');
      const rules = [...directories, ...(options.rules ?? [])];
      const named = { rules: rules.length > 0 ? rules : undefined, policies: options.policies };
      const isWhole = named.rules !== undefined && named.policies !== undefined;
      const checked = await checkDetections(detectionSources(named, isWhole ? {} : await configured()));
      const { problems, policies } = checked;
      const counts = {
        rules: checked.rules.rules.length,
        correlations: checked.rules.correlations.length,
        policies: policies.length,
      };
      if (problems.length > 0) context.exitCode = EXIT.failed;
      if (options.json) {
        output.json({ ...counts, problems });
        return;
      }
      for (const { position, message, hint } of problems) output.note(`${position}: ${message}\n  ${hint}\n`);
      const mistakes = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
      output.line(
        `${counts.rules} rules, ${counts.correlations} correlations and ${counts.policies} policies load; ${problems.length === 0 ? 'no mistakes' : mistakes}.`,
      );
    });

  async function configured() {
    const { readServiceConfig } = await import('../service-config.js');
    return readServiceConfig(home).config;
  }
}
