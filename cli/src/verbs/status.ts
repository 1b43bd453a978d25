import { printable } from '@fleetwall/core';
import type { Command } from 'commander';
import type { StatusAnswer } from '../answers.js';
import type { Context } from '../context.js';
import { durationText } from '../duration.js';
import { isoText } from '../iso-text.js';

const SHOWN_NOTICES = 3;
const SHOWN_EXCEPTIONS = 5;

export function addStatus(program: Command, { output, client }: Context): void {
  program
    .command('status')
    .description('show what the running service reads, blocks and enforces')
    .option('--json', 'print the answer of the service as JSON')
    .action(async ({ json }: { json?: true }) => {
      const status = await client.get<StatusAnswer>('status');
      if (json) output.json(status);
      else for (const line of statusLines(status, Date.now())) output.line(line);
    });
}

/** The state in a few lines: what reads, what is blocked, what is wrong. */
export function* statusLines(status: StatusAnswer, nowMs: number): Generator<string> {
  const { host, home, http, startedAt, ready, read, blocks, watched, inputs, notices } = status;
  const state = ready ? 'works' : 'is starting or stopping';
  yield `Fleetwall ${state} on ${printable(host)}, for ${durationText(nowMs - Date.parse(startedAt))}; ${http ?? 'not listening yet'}, data in ${home}`;
  if (status.setup !== undefined) yield `  console   ${status.setup} creates the first administrator, once`;
  yield `  reads     ${read.lines} lines, ${read.events} events (${read.history} from before the first start)`;
  for (const { what, why, readable } of watched)
    yield `            ${printable(what)}${readable ? '' : `: not readable, ${printable(why)}`}`;
  yield `  ${enforcement(status)}`;
  yield `  blocks    ${blocks.active} active, ${blocks.held} held back; ${blocks.inForceHere} in force here, ${blocks.droppedPackets} packets dropped`;
  for (const { target, state: what, reason } of blocks.exceptions.slice(0, SHOWN_EXCEPTIONS))
    yield `            ${target} ${what}: ${printable(reason)}`;
  const unshown = blocks.exceptions.length - SHOWN_EXCEPTIONS;
  if (unshown > 0) yield `            and ${unshown} more that are not in force here (--json shows all)`;
  for (const { message, hint } of inputs.flatMap(({ problems }) => problems))
    yield `  problem   ${printable(message)} ${printable(hint)}`;
  for (const { atMs, message } of notices.slice(-SHOWN_NOTICES))
    yield `  notice    ${isoText(atMs)}  ${printable(message)}`;
}

function enforcement({ armed, armedBy, enforcing, firewall }: StatusAnswer): string {
  if (enforcing) return `enforces  by ${firewall.name}, ${printable(armedBy ?? 'armed')}`;
  const why = firewall.reason ?? 'the firewall is a dry run';
  if (armed) return `reports   only: armed, but ${why}`;
  return `reports   only: not armed (./fleetwall arm)${firewall.enforces ? '' : `; ${why}`}`;
}
