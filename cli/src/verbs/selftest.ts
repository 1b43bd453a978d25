import { printable } from '@fleetwall/core';
import type { Command } from 'commander';
import type { SelftestAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { EXIT } from '../errors.js';

/** The service itself gives up on a step after 15 s. */
const WITHIN_MS = 90_000;

export function addSelftest(program: Command, context: Context): void {
  const { output, client } = context;
  program
    .command('selftest')
    .description('send a synthetic attack from a documentation address and follow it from line to block')
    .option('--json', 'print the answer of the service as JSON')
    .action(async ({ json }: { json?: true }) => {
      output.status('the attack is under way …');
      const answer = await client
        .post<SelftestAnswer>('selftest', {}, { timeoutMs: WITHIN_MS })
        .finally(() => output.status(''));
      if (!answer.ok) context.exitCode = EXIT.failed;
      if (json) {
        output.json(answer);
        return;
      }
      output.line(`An attack from ${answer.address}, an address for documentation (RFC 5737):`);
      for (const { step, ok, detail, afterMs } of answer.steps) {
        const mark = ok ? output.styled('green', 'ok    ') : output.styled('red', 'FAILED');
        output.line(`  ${mark}  ${String(afterMs).padStart(5)} ms  ${step.padEnd(8)}  ${printable(detail)}`);
      }
      output.line(answer.ok ? 'Everything works.' : 'The self-test failed; `fleetwall doctor` may tell why.');
    });
}
