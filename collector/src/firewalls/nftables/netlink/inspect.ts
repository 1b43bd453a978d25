import type { Target } from '../../batch.js';
import type { Inspection } from '../kernel-table.js';
import { type ChainRules, compareRules, NO_TABLE, PROBLEMS } from '../problems.js';
import { CHAIN, COUNTER, PRIORITY, TABLE, WEB_CHAIN } from '../ruleset.js';
import {
  CHAIN_ATTRIBUTE,
  COUNTER_ATTRIBUTE,
  HOOK_ATTRIBUTE,
  HOOK_PREROUTING,
  MESSAGE,
  OBJECT_ATTRIBUTE,
  OBJECT_COUNTER,
  RULE_ATTRIBUTE,
  TABLE_ATTRIBUTE,
  writeQuestion,
} from './messages.js';
import { numberOf, type Reply, readAttributes, textOf } from './reader.js';
import { kernelError, type NetlinkSocket } from './socket.js';
import { FLAGS } from './writer.js';

const TABLE_DORMANT = 1;
const ENOENT = 2;

/** What there is of our table; `dormant` and `foreign` take no effect. */
export interface Shape {
  table: 'missing' | 'dormant' | 'awake';
  chain: 'missing' | 'foreign' | 'hooked';
  /** Undefined when missing. */
  counter: { packets: number; bytes: number } | undefined;
  missing: Target[];
}

/** Asks for table, chain, counter and some elements in one go. */
export function readShape(socket: NetlinkSocket, samples: Target[]): Shape {
  const shape: Shape = { table: 'missing', chain: 'missing', counter: undefined, missing: [] };
  const questions: ((reply: Reply) => void)[] = [
    (reply) => {
      const flags = numberOf(readAttributes(reply.attributes).get(TABLE_ATTRIBUTE.flags)) ?? 0;
      shape.table = flags & TABLE_DORMANT ? 'dormant' : 'awake';
    },
    (reply) => {
      shape.chain = isHooked(reply.attributes) ? 'hooked' : 'foreign';
    },
    (reply) => {
      const object = readAttributes(reply.attributes);
      const data = readAttributes(object.get(OBJECT_ATTRIBUTE.data) ?? Buffer.alloc(0));
      const packets = numberOf(data.get(COUNTER_ATTRIBUTE.packets)) ?? 0;
      shape.counter = { packets, bytes: numberOf(data.get(COUNTER_ATTRIBUTE.bytes)) ?? 0 };
    },
  ];
  const w = socket.writer();
  w.message(MESSAGE.getTable, 0, () => w.text(TABLE_ATTRIBUTE.name, TABLE));
  w.message(MESSAGE.getChain, 0, () => {
    w.text(CHAIN_ATTRIBUTE.table, TABLE);
    w.text(CHAIN_ATTRIBUTE.name, CHAIN);
  });
  w.message(MESSAGE.getObject, 0, () => {
    w.text(OBJECT_ATTRIBUTE.table, TABLE);
    w.text(OBJECT_ATTRIBUTE.name, COUNTER);
    w.u32(OBJECT_ATTRIBUTE.type, OBJECT_COUNTER);
  });
  for (const sample of samples) writeQuestion(w, sample);
  socket.ask('read the table', w, (reply) => {
    const at = reply.sequence - w.firstSequence;
    if (!reply.errno) questions[at]?.(reply);
    else if (reply.errno !== ENOENT) throw kernelError('read the table', reply.errno, reply.text);
    else if (at >= questions.length) shape.missing.push(samples[at - questions.length] as Target);
  });
  return shape;
}

function isHooked(chain: Buffer): boolean {
  const attributes = readAttributes(chain);
  const hook = readAttributes(attributes.get(CHAIN_ATTRIBUTE.hook) ?? Buffer.alloc(0));
  return (
    numberOf(hook.get(HOOK_ATTRIBUTE.number)) === HOOK_PREROUTING &&
    numberOf(hook.get(HOOK_ATTRIBUTE.priority)) === PRIORITY >>> 0
  );
}

/** The expressions of each rule of our chains, in order, as the kernel writes them. */
export async function readRules(socket: NetlinkSocket): Promise<ChainRules<Buffer>> {
  const rules: ChainRules<Buffer> = { main: [], web: [] };
  const w = socket.writer();
  w.message(MESSAGE.getRule, FLAGS.dump, () => w.text(RULE_ATTRIBUTE.table, TABLE));
  await socket.dump('read the rules', w, (data) => {
    const attributes = readAttributes(data);
    const chain = textOf(attributes.get(RULE_ATTRIBUTE.chain));
    const list = chain === CHAIN ? rules.main : chain === WEB_CHAIN ? rules.web : undefined;
    list?.push(Buffer.from(attributes.get(RULE_ATTRIBUTE.expressions) ?? []));
  });
  return rules;
}

/** @param rules as they were right after the set-up, if this process made one */
export async function inspect(
  socket: NetlinkSocket,
  rules: ChainRules<Buffer> | undefined,
  samples: Target[],
): Promise<Inspection> {
  const { table, chain, counter, missing } = readShape(socket, samples);
  if (table === 'missing') return NO_TABLE;
  const problems: string[] = [];
  if (table === 'dormant') problems.push(PROBLEMS.dormant);
  if (!counter) problems.push(PROBLEMS.noCounter);
  if (chain === 'missing') problems.push(PROBLEMS.noChain);
  else if (chain === 'foreign') problems.push(PROBLEMS.otherHook);
  else problems.push(...compareRules(await readRules(socket), rules, (a, b) => a.equals(b)));
  return { problems, droppedPackets: counter?.packets ?? 0, droppedBytes: counter?.bytes ?? 0, missing };
}
