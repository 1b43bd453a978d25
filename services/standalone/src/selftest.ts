import { randomInt } from 'node:crypto';
import type { SelfTest } from '@fleetwall/console-service';
import type { StandaloneParts } from './standalone.service.js';

const WITHIN_MS = 15_000;
const ATTEMPTS = 5;

/** An attack from a documentation address (RFC 5737) that no host has, line by line to the block, then lifted again. */
export async function runSelftest(parts: StandaloneParts): Promise<SelfTest> {
  const { injected, identity, response, store, agent, desk } = parts;
  const { enforcer } = agent;
  const address = freeAddress((target) => response.decider.book.covering(target, Date.now()));
  const beganMs = Date.now();
  const result: SelfTest = { ok: true, address, steps: [] };
  const note = (step: string, ok: boolean, detail: string) => {
    result.steps.push({ step, ok, detail, afterMs: Date.now() - beganMs });
    result.ok &&= ok;
  };
  if (response.decider.book.covering(address, beganMs)) await desk.ask(liftOf(address));
  const lines = Array.from({ length: ATTEMPTS }, (_, i) => {
    const time = new Date(beganMs - (ATTEMPTS - i) * 1_000).toISOString();
    return `${time} ${identity.host} sshd[${randomInt(1_000, 99_999)}]: Failed password for invalid user selftest from ${address} port ${randomInt(1_025, 65_535)} ssh2`;
  });
  await injected.inject(lines, beganMs);
  for (const line of lines) note('line', true, line);
  const block = await poll(() => response.decider.book.covering(address, Date.now()));
  note(
    'block',
    block !== undefined,
    block
      ? `${block.target} by ${block.reasons[0]?.type === 'alert' ? block.reasons[0].rule : 'hand'} until ${new Date(block.untilMs).toISOString()}`
      : 'no rule led to a block',
  );
  const { armed, capabilities } = enforcer.status();
  if (armed && block) {
    const held = await poll(() => enforcer.holds(block.target) || undefined);
    note(
      'firewall',
      held === true,
      held ? `${capabilities.name} holds it` : 'the firewall does not hold it: see `fleetwall status`',
    );
  } else note('firewall', true, `not armed: ${capabilities.name} would hold it`);
  const range = { fromMs: beganMs - 60_000, toMs: beganMs + 60_000 };
  const query = { type: 'term', field: 'source.ip', value: address } as const;
  const stored = await poll(async () => ((await store.count({ query, range })) >= ATTEMPTS ? true : undefined));
  note('stored', stored === true, stored ? `${ATTEMPTS} events can be searched` : 'the events are not in the store');
  if (block)
    await desk.ask(liftOf(address)).then(
      () => note('lifted', true, address),
      (error: Error) => note('lifted', false, error.message),
    );
  return result;
}

/** One that no blocked network holds, where there is one: a lift of it would lift nothing. */
function freeAddress(covering: (target: string) => { target: string } | undefined): string {
  const first = randomInt(0, 254);
  const all = Array.from({ length: 254 }, (_, i) => `203.0.113.${1 + ((first + i) % 254)}`);
  return all.find((address) => (covering(address)?.target ?? address) === address) ?? (all[0] as string);
}

function liftOf(target: string) {
  return { type: 'unblock', target, by: 'selftest', comment: 'the self-test is over' } as const;
}

async function poll<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  const endMs = Date.now() + WITHIN_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() > endMs) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
