import { accessSync, constants, lstatSync } from 'node:fs';
import type { Config } from '@fleetwall/config';
import type { FirewallCapabilities } from '@fleetwall/core';
import type { DoctorAnswer, InputProblem, Watched } from '../answers.js';
import type { ControlClient } from '../control-client.js';
import { EXIT, exitOf } from '../errors.js';
import type { Home } from '../home.js';
import type { Check } from './check.js';

/** What this host can read and enforce, by the word of the running service, or looked up here when none runs. */
export async function checkHost(client: ControlClient, home: Home, config: Config | undefined): Promise<Check[]> {
  try {
    const answer = await client.get<DoctorAnswer>('doctor', { timeoutMs: 5_000 });
    const runs: Check = { area: 'service', state: 'ok', text: `runs with ${answer.home}` };
    return [runs, ...readChecks(answer.reads, answer.problems), ...firewallChecks(answer.firewall, answer.armed)];
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    const isAbsent = exitOf(error) === EXIT.noService;
    const service: Check = { area: 'service', state: isAbsent ? 'note' : 'bad', text: message, hint };
    return [service, ...(await lookAround(home, config))];
  }
}

async function lookAround(home: Home, config: Config | undefined): Promise<Check[]> {
  const { openFirewall } = await import('@fleetwall/collector');
  const firewall = await openFirewall(config?.firewall ?? 'auto', Date.now, config?.firewallWebPorts);
  const capabilities = await firewall.capabilities();
  await firewall.close();
  return [...readChecks(await whatToRead(config), []), ...firewallChecks(capabilities, isArmed(home))];
}

/** Undefined: this user may not look. */
function isArmed({ armedMarker }: Home): boolean | undefined {
  try {
    lstatSync(armedMarker);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? false : undefined;
  }
}

async function whatToRead(config: Config | undefined): Promise<Watched[]> {
  const files = config?.collector.files ?? 'auto';
  if (files !== 'auto') return files.map(configuredFile);
  const { discoverLogs } = await import('@fleetwall/collector');
  const { logs } = await discoverLogs();
  return logs
    .filter(({ chosen }) => chosen)
    .map(({ path, reason, readable, hint }) => ({ what: path, why: reason, readable, hint }));
}

function configuredFile(what: string): Watched {
  if (/[*?[{]/.test(what)) return { what, why: 'configured, a pattern', readable: true };
  try {
    accessSync(what, constants.R_OK);
    return { what, why: 'configured', readable: true };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { what, why: isMissing ? 'there is no such file yet' : 'no permission', readable: false };
  }
}

const READ_HINT =
  'Run the service as root, or add its user to the group that owns the log (often adm or systemd-journal).';

function readChecks(reads: readonly Watched[], problems: readonly InputProblem[]): Check[] {
  const each = reads.map(({ what, why, readable, hint = READ_HINT }): Check => {
    return readable
      ? { area: 'reads', state: 'ok', text: `${what} (${why})` }
      : { area: 'reads', state: 'note', text: `${what} is not readable: ${why}`, hint };
  });
  const told = problems.map(({ message, hint }): Check => ({ area: 'reads', state: 'note', text: message, hint }));
  if (reads.some(({ readable }) => readable)) return [...each, ...told];
  const nothing: Check = {
    area: 'reads',
    state: 'bad',
    text: 'nothing that tells of logons can be read',
    hint: 'Name the log files with FLEETWALL_COLLECTOR_FILES=/path/to/auth.log, or run the service as a user who may read them.',
  };
  return [...each, ...told, nothing];
}

function firewallChecks({ name, enforces, reason }: FirewallCapabilities, armed: boolean | undefined): Check[] {
  const firewall: Check = enforces
    ? { area: 'firewall', state: 'ok', text: `${name} can enforce` }
    : { area: 'firewall', state: 'note', text: `${name}: nothing can be enforced`, hint: reason };
  return [firewall, armedCheck(armed)];
}

function armedCheck(armed: boolean | undefined): Check {
  const area = 'armed';
  if (armed) return { area, state: 'ok', text: 'blocks may be enforced on this host' };
  if (armed === false)
    return { area, state: 'note', text: 'not armed: blocks are only reported', hint: '`fleetwall arm` enforces them.' };
  return {
    area,
    state: 'note',
    text: 'this user may not see whether this host is armed',
    hint: 'Run it as root (sudo).',
  };
}
