import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { prometheusText } from '@fleetwall/core';
import { bindControlSocket, bindPort, type ProcessContext } from '@fleetwall/process';
import { type Agent, openAgent } from './agent.js';
import { agentDoctor, agentNumbers, agentProblems, agentStatus } from './agent-status.js';
import { type Routes, serve } from './control/control-server.js';
import { DesiredBlocks } from './enforcement/desired-blocks.js';
import { collectorError } from './errors.js';
import { NameMemory } from './name-memory.js';
import { type Centre, connectToCentre } from './uplink/connect.js';

const MAX_NOTICES = 20;
const FIRST_BLOCKS_WITHIN_MS = 5_000;

/** What is shown of a collector besides what its host does. */
interface Surroundings {
  context: ProcessContext;
  agent: Agent;
  centre: Centre;
  startedAt: string;
  notices: { atMs: number; action: string; message: string }[];
}

/**
 * A collector as a process of its own. What was desired last is in force before anything new is read, and stays in force
 * when the process ends. Answers how to stop it.
 */
export async function startCollector(context: ProcessContext): Promise<() => Promise<void>> {
  const { config, home, log, onError } = context;
  home.create();
  const notices: Surroundings['notices'] = [];
  const desired = new DesiredBlocks(home.desiredBlocks);
  await desired.load();
  const names = NameMemory.open({ config, home, onError });
  const centre = await connectToCentre({
    config,
    instanceId: randomUUID(),
    holds: desired.position,
    pinsFile: join(home.directory, 'known-pins.json'),
    onNotice: (notice) => log.warn(notice, notice.message),
    onNameKey: (key) => useNameKey(names, key, context),
  });
  const agent = await openAgent({
    config,
    home,
    uplink: centre.uplink,
    names,
    clock: Date.now,
    onError,
    onNotice: (notice) => {
      log.warn(notice, notice.message);
      notices.push({ ...notice, atMs: Date.now() });
      notices.splice(0, notices.length - MAX_NOTICES);
    },
    onSpoolReport: (report) => log.warn(report, 'the spool lost something'),
  });
  await agent.enforcer.start();
  await toldBlocks(centre, agent);
  await agent.collector.start();
  const surroundings = { context, agent, centre, notices, startedAt: new Date().toISOString() };
  const steering = serve(steeringRoutes(surroundings));
  await bindControlSocket(steering, home.controlSocket);
  const observing = serve(observingRoutes(surroundings));
  await bindPort(observing, config.http);
  log.info({ home: home.directory, gateway: config.collector.uplink?.url }, 'started');
  return async () => {
    steering.close();
    observing.close();
    const steps = [
      () => agent.collector.stop(),
      () => agent.enforcer.stop(),
      () => centre.close(),
      () => names.close(),
    ];
    for (const step of steps) await step().catch(onError);
  };
}

/** Once, when the collector first meets its fleet; more often only where gateways do not have the same key. */
function useNameKey(names: NameMemory, key: Buffer, { log, onError }: ProcessContext): void {
  try {
    if (names.use(key)) log.warn('names of accounts are masked under another key, that of the gateway, from now on');
  } catch (error) {
    onError(error);
  }
}

/**
 * What the centre wants blocked goes to the enforcer from now on. Resolves when the first of it is in force, so that whoever
 * starts after the collector is protected at once; or after some seconds, when the centre is away.
 */
async function toldBlocks({ uplink }: Centre, { enforcer }: Agent): Promise<void> {
  const first = new Promise<void>((resolve) => {
    uplink.onBlocks((update) => void enforcer.update(update).then(resolve));
  });
  await Promise.race([first, delay(FIRST_BLOCKS_WITHIN_MS, undefined, { ref: false })]);
}

/** What `fleetwall` asks over the control socket. */
function steeringRoutes(surroundings: Surroundings): Routes {
  const { context, agent } = surroundings;
  const status = () => statusOf(surroundings);
  return {
    'GET /control/v1/status': status,
    'GET /control/v1/doctor': () => ({ ...agentDoctor(agent), home: context.home.directory }),
    'POST /control/v1/arm': async ({ by }) => {
      await agent.enforcer.arm(typeof by === 'string' ? by : 'local administrator');
      return status();
    },
    'POST /control/v1/disarm': async () => {
      await agent.enforcer.disarm();
      return status();
    },
  };
}

/** What monitoring asks over TCP. */
function observingRoutes(surroundings: Surroundings): Routes {
  return {
    'GET /health/live': () => ({ status: 'ok' }),
    'GET /health/ready': () => {
      const problems = problemsOf(surroundings);
      if (problems.length > 0) throw collectorError('NOT_READY', { reason: problems.join('; ') });
      return { status: 'ok' };
    },
    'GET /metrics': () => prometheusText([...agentNumbers(surroundings.agent), ...surroundings.centre.numbers()]),
  };
}

function statusOf(surroundings: Surroundings) {
  const { context, agent, centre, startedAt, notices } = surroundings;
  return {
    ...agentStatus(agent),
    home: context.home.directory,
    startedAt,
    ready: true,
    problems: problemsOf(surroundings),
    uplink: centre.status(),
    notices,
  };
}

function problemsOf({ context, agent, centre }: Surroundings): string[] {
  return [...new Set([...agentProblems(agent), ...centre.problems(), ...context.troubles.standing()])];
}
