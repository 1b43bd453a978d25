import { type Command, Option } from 'commander';
import type { ErasedAnswer, ErasurePreviewAnswer } from '../answers.js';
import type { Context } from '../context.js';
import type { Output } from '../output.js';
import { whoami } from './arm.js';

interface EraseOptions {
  tenant?: string;
  reference?: string;
  json?: true;
}

const HELP = `
Without --reference nothing is removed: what would be is shown. Blocks in force stay. See docs/privacy.md for what an erasure
does not reach.

Examples: fleetwall erase user anna
          fleetwall erase address 198.51.100.7 --reference "request 17"`;

/** Days are written anew; on a large store that takes its time. */
const WITHIN_MS = 3_600_000;

export function addErase(program: Command, { output, client }: Context): void {
  program
    .command('erase')
    .addArgument(program.createArgument('<KIND>', 'address, user or tenant').choices(['address', 'user', 'tenant']))
    .argument('<VALUE>', 'address or network, name of an account or its mask, tenant')
    .description('remove what is stored about somebody for good, or show what that would be')
    .addOption(new Option('--tenant <NAME>', "in this tenant's data alone"))
    .option('--reference <TEXT>', 'number of the request that asks for it; removes')
    .option('--json', 'print the answer of the service as JSON')
    .addHelpText('after', HELP)
    .action(async (kind: string, value: string, { tenant, reference, json }: EraseOptions) => {
      const subject = { kind, value, ...(tenant !== undefined && { tenant }) };
      const limit = { timeoutMs: WITHIN_MS };
      if (reference === undefined) {
        const preview = await client.post<ErasurePreviewAnswer>('erasures/preview', subject, limit);
        if (json) output.json(preview);
        else showPreview(preview, output);
        return;
      }
      const erased = await client.post<ErasedAnswer>('erasures', { ...subject, reference, by: whoami() }, limit);
      if (json) output.json(erased);
      else showErased(erased, output);
    });
}

function showPreview(
  { events, alerts, changedAlerts, blocksInForce, remains }: ErasurePreviewAnswer,
  output: Output,
): void {
  output.line(`Would remove ${events} events and ${alerts} alerts, and the name from ${changedAlerts} other alerts.`);
  if (blocksInForce > 0) output.line(`${blocksInForce} blocks in force stay until they end.`);
  showRemains(remains, output);
  output.line('\nNothing is removed yet: say --reference to do it.');
}

function showErased(erased: ErasedAnswer, output: Output): void {
  const { accounts, tokens, events, alerts, changedAlerts, notes, blocks, news, remains } = erased;
  output.line(`Removed ${events} events, ${alerts} alerts, ${notes} notes and ${blocks} blocks that were over,`);
  output.line(`${news} pieces of news that had still to be told, and the name from ${changedAlerts} other alerts.`);
  if (accounts + tokens > 0) output.line(`${accounts} people and ${tokens} tokens of the tenant are gone as well.`);
  showRemains(remains, output);
}

function showRemains(remains: ErasedAnswer['remains'], output: Output): void {
  output.line();
  output.table([['REMAINS', 'UNTIL'], ...remains.map(({ what, until }) => [what, until])]);
}
