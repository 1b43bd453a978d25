import type { Command } from 'commander';
import type { Context } from '../context.js';
import type { Check } from '../doctor/check.js';
import { EXIT } from '../errors.js';

export function addDoctor(program: Command, context: Context): void {
  const { output, client, home } = context;
  program
    .command('doctor')
    .description('show what this host can read and enforce, and what to do about the rest')
    .option('--json', 'print the checks as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { checkInstallation } = await import('../doctor/installation.js');
      const { checkHost } = await import('../doctor/host.js');
      const { checks: own, config } = await checkInstallation(home);
      const checks = [...own, ...(await checkHost(client, home, config))];
      const isSound = checks.every(({ state }) => state !== 'bad');
      if (!isSound) context.exitCode = EXIT.failed;
      if (json) {
        output.json({ ok: isSound, home: home.directory, checks });
        return;
      }
      for (const check of checks) show(check);
      output.line(isSound ? 'Nothing must be mended.' : 'Mend what is marked BAD.');
    });

  function show({ area, state, text, hint }: Check): void {
    const mark = {
      ok: output.styled('green', 'ok  '),
      note: output.styled('yellow', 'note'),
      bad: output.styled('red', 'BAD '),
    };
    const [first, ...more] = text.split('\n');
    output.line(`  ${mark[state]}  ${area.padEnd(8)}  ${first}`);
    for (const line of more) output.line(`                  ${line}`);
    if (hint !== undefined) output.line(`                  ${hint}`);
  }
}
