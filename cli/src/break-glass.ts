import { spawnSync } from 'node:child_process';
import { lstatSync, rmSync } from 'node:fs';
import { FleetwallError } from '@fleetwall/core';
import type { Home } from './home.js';

/** One thing that disarming does. `nothing`: there was nothing to do; `unknown`: nobody could look, and nothing was armed. */
export interface BreakGlassStep {
  step: 'marker' | 'service' | 'firewall';
  outcome: 'done' | 'nothing' | 'failed' | 'unknown';
  detail: string;
}

export interface BreakGlassResult {
  /** Nothing enforces on this host any more, as far as this process could see to it. */
  disarmed: boolean;
  home: string;
  steps: BreakGlassStep[];
}

export interface BreakGlassParts {
  home: Home;
  /** Asks the service; rejects when there is none, or it does not answer in time. */
  askService: () => Promise<unknown>;
  /** Removes the table of the host's own firewall without the service. Throws when it may not or cannot. */
  removeTable: () => Promise<void>;
}

/**
 * Lifts every block on this host, whatever else is broken: the marker first, so that no service enforces again; then the
 * service is asked; then the table goes, whether or not the service answered. Never throws.
 */
export async function breakGlass({ home, askService, removeTable }: BreakGlassParts): Promise<BreakGlassResult> {
  let marker = removeMarker(home.armedMarker);
  const wasArmed = marker.outcome !== 'nothing';
  const service = await askService().then(
    (): BreakGlassStep => ({ step: 'service', outcome: 'done', detail: 'it lifted all blocks' }),
    serviceFailure,
  );
  const isServiceDone = service.outcome === 'done';
  if (marker.outcome === 'failed' && isServiceDone)
    marker = { ...marker, outcome: 'done', detail: 'the service removed it' };
  const firewall = await removeTable().then(
    (): BreakGlassStep => ({ step: 'firewall', outcome: 'done', detail: 'table inet fleetwall is gone' }),
    (error: unknown) => firewallFailure(error, wasArmed, isServiceDone),
  );
  const steps = [marker, service, firewall];
  const disarmed = marker.outcome !== 'failed' && firewall.outcome !== 'failed';
  return { disarmed, home: home.directory, steps };
}

function removeMarker(path: string): BreakGlassStep {
  try {
    lstatSync(path);
    rmSync(path, { recursive: true });
    return { step: 'marker', outcome: 'done', detail: `${path} is removed: nothing is enforced after a restart` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { step: 'marker', outcome: 'nothing', detail: `there is no ${path}: this home was not armed` };
    }
    return { step: 'marker', outcome: 'failed', detail: `${path} could not be removed (${code})` };
  }
}

function serviceFailure(error: unknown): BreakGlassStep {
  const detail = error instanceof Error ? error.message : String(error);
  const isAbsent = error instanceof FleetwallError && error.code === 'SERVICE_NOT_RUNNING';
  return { step: 'service', outcome: isAbsent ? 'nothing' : 'failed', detail };
}

function firewallFailure(error: unknown, wasArmed: boolean, isServiceDone: boolean): BreakGlassStep {
  const reason = error instanceof Error ? error.message : String(error);
  if (isServiceDone) return { step: 'firewall', outcome: 'unknown', detail: `left to the service: ${reason}` };
  const detail = `table inet fleetwall could not be removed: ${reason}`;
  return { step: 'firewall', outcome: wasArmed ? 'failed' : 'unknown', detail };
}

/** By the collector's own code, or, when that does not even load, by `nft`. */
export async function removeHostTable(): Promise<void> {
  if (process.platform !== 'linux') return;
  const collector = await import('@fleetwall/collector').catch(() => undefined);
  if (collector) collector.removeNftables();
  else removeByNft();
}

/** `add` first, since deleting what is not there is an error to nft. */
function removeByNft(): void {
  const input = 'add table inet fleetwall\ndelete table inet fleetwall\n';
  const { status, stderr, error } = spawnSync('nft', ['-f', '-'], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim());
}
