import { countedOf, type Measured, measuredOf } from '@fleetwall/core';
import type { Agent } from './agent.js';

/** What a host reads and enforces, as `fleetwall status` shows it. */
export function agentStatus({ host, enforcer, collector, inputs, watched }: Agent) {
  const { armed, armedBy, capabilities, inForce, exceptions, state } = enforcer.status();
  return {
    host,
    armed,
    armedBy,
    firewall: capabilities,
    enforcing: armed && capabilities.enforces,
    read: collector.stats,
    watched,
    inputs: inputs.map((input) => ({ name: input.name, ...input.stats() })),
    blocks: { inForceHere: inForce, exceptions, droppedPackets: state.droppedPackets },
  };
}

/** What keeps a host from doing its work, in words for people. */
export function agentProblems({ enforcer, collector, inputs }: Agent): string[] {
  const { armed, state } = enforcer.status();
  return [
    ...collector.problems(),
    ...inputs.flatMap((input) => input.stats().problems.map(({ message }) => message)),
    ...(armed ? state.problems.map((problem) => `firewall: ${problem}`) : []),
  ];
}

/** What this host can read and enforce, as `fleetwall doctor` shows it. */
export function agentDoctor({ enforcer, inputs, watched }: Agent) {
  const { capabilities, armed } = enforcer.status();
  const problems = inputs.flatMap((input) => input.stats().problems);
  return { reads: watched, problems, firewall: capabilities, armed };
}

export function agentNumbers({ enforcer, collector, inputs }: Agent): Measured[] {
  const { inForce, exceptions, state, armed } = enforcer.status();
  return [
    ...countedOf('collector', 'Collector', collector.stats, []),
    ...inputs.flatMap((input) =>
      countedOf('input', 'Input', input.stats(), ['streams', 'openFiles'], { input: input.name }),
    ),
    ...measuredOf('firewall', 'Firewall', { ...state, inForce, exceptions: exceptions.length, armed: armed ? 1 : 0 }),
  ];
}
