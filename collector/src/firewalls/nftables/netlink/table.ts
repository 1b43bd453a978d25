import { setImmediate } from 'node:timers/promises';
import { DEFAULT_WEB_PORTS, type FleetwallError } from '@fleetwall/core';
import type { Batch, Target } from '../../batch.js';
import { firewallError } from '../../errors.js';
import { type HeldBlock, type Inspection, isMissing, type KernelTable } from '../kernel-table.js';
import type { ChainRules } from '../problems.js';
import { type BlockSet, CHAIN, setNamed, setOf, TABLE, USUAL_SETS } from '../ruleset.js';
import { readElements } from './elements.js';
import { inspect, readRules, readShape } from './inspect.js';
import { loadLibc } from './libc.js';
import {
  ELEMENTS_ATTRIBUTE,
  MESSAGE,
  SET_ATTRIBUTE,
  TABLE_ATTRIBUTE,
  writeChain,
  writeChainDeletion,
  writeChainFlush,
  writeChange,
  writeCounter,
  writeQuestion,
  writeRule,
  writeSet,
  writeTable,
  writeWebChain,
} from './messages.js';
import { eachAttribute, readAttributes, textOf } from './reader.js';
import { kernelError, NetlinkSocket } from './socket.js';
import { FLAGS, type NetlinkWriter } from './writer.js';

/** How often a list is begun again because other programs changed the ruleset meanwhile. */
const LIST_ATTEMPTS = 5;
/** Looked up before other work gets its turn. */
const QUESTIONS = 256;
const ENOENT = 2;

/** The table by raw netlink: microseconds a change, whatever else the ruleset holds, and no program needed. */
export class NetlinkTable implements KernelTable {
  readonly name = 'nftables';
  #socket: NetlinkSocket | undefined;
  /** The chain's rules as they were after the last set-up of this process. */
  #rules: ChainRules<Buffer> | undefined;

  /** @param webPorts those that blocks for the web's ports close */
  constructor(private readonly webPorts: readonly number[] = DEFAULT_WEB_PORTS) {}

  async probe(): Promise<void> {
    const socket = this.#open();
    if (readShape(socket, []).table !== 'missing') return;
    await socket.commit('try the table', (w) => writeRuleset(w, USUAL_SETS, 'missing', this.webPorts), false);
  }

  async setUp(sets: Iterable<BlockSet>): Promise<void> {
    const socket = this.#open();
    const { table, chain } = readShape(socket, []);
    // The kernel does not hook a chain in the batch that wakes its table.
    if (table === 'dormant') await socket.commit('wake the table', writeTable);
    const all = new Set([...(await this.#sets()), ...sets]);
    await socket.commit('set up the table', (w) => writeRuleset(w, all, chain, this.webPorts));
    this.#rules = await readRules(socket);
  }

  async change(batch: Batch): Promise<void> {
    if (batch.add.length + batch.remove.length === 0) return;
    await this.#open().commit('change the blocks', (w) => writeChange(w, batch));
  }

  async list(): Promise<HeldBlock[]> {
    for (let attempt = 1; ; attempt++) {
      const held = new Map<string, HeldBlock>();
      let consistent = true;
      for (const set of await this.#sets()) consistent = (await this.#listSet(set, held)) && consistent;
      if (consistent || attempt === LIST_ATTEMPTS) return [...held.values()];
    }
  }

  async lookUp(targets: Target[]): Promise<HeldBlock[]> {
    const socket = this.#open();
    const held: HeldBlock[] = [];
    for (let at = 0; at < targets.length; at += QUESTIONS) {
      const asked = targets.slice(at, at + QUESTIONS);
      const w = socket.writer();
      for (const target of asked) writeQuestion(w, target);
      socket.ask('look up blocks', w, ({ sequence, errno, text, attributes }) => {
        const target = asked[sequence - w.firstSequence];
        if (errno && errno !== ENOENT) throw kernelError('look up blocks', errno, text);
        if (!errno && target) readBlocks(setOf(target), attributes, (block) => held.push(block));
      });
      await setImmediate();
    }
    return held;
  }

  async inspect(samples: Target[]): Promise<Inspection> {
    return inspect(this.#open(), this.#rules, samples);
  }

  async remove(): Promise<void> {
    removeTable(this.#open());
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(): NetlinkSocket {
    if (!this.#socket) {
      const libc = loadLibc();
      if (libc instanceof Error) throw firewallError('FIREWALL_UNAVAILABLE', { reason: libc.message });
      this.#socket = NetlinkSocket.open(libc);
    }
    return this.#socket;
  }

  /** Those of our sets that are there. */
  async #sets(): Promise<BlockSet[]> {
    const socket = this.#open();
    const sets: BlockSet[] = [];
    const w = socket.writer();
    w.message(MESSAGE.getSet, FLAGS.dump, () => w.text(SET_ATTRIBUTE.table, TABLE));
    await unlessMissing(
      socket.dump('read the sets', w, (data) => {
        const set = setNamed(textOf(readAttributes(data).get(SET_ATTRIBUTE.name)) ?? '');
        if (set) sets.push(set);
      }),
    );
    return sets;
  }

  /** @returns whether the set stood still meanwhile */
  async #listSet(set: BlockSet, into: Map<string, HeldBlock>): Promise<boolean> {
    const socket = this.#open();
    const w = socket.writer();
    w.message(MESSAGE.getElement, FLAGS.dump, () => {
      w.text(ELEMENTS_ATTRIBUTE.table, TABLE);
      w.text(ELEMENTS_ATTRIBUTE.set, set.name);
    });
    const dumped = socket.dump('list the blocks', w, (data) => {
      readBlocks(set, data, (block) => into.set(`${set.name} ${block.target}`, block));
    });
    return (await unlessMissing(dumped)) ?? true;
  }
}

function readBlocks(set: BlockSet, data: Buffer, onBlock: (block: HeldBlock) => void): void {
  eachAttribute(data, 0, data.length, (type, from, to) => {
    if (type === ELEMENTS_ATTRIBUTE.elements) readElements(set, data, from, to, onBlock);
  });
}

/** Deletes the table at once; nothing when there is none, or no nf_tables at all. */
export function removeTable(socket: NetlinkSocket): void {
  try {
    socket.commitSync('remove the table', (w) => {
      w.message(MESSAGE.deleteTable, 0, () => w.text(TABLE_ATTRIBUTE.name, TABLE));
    });
  } catch (error) {
    const without = ['ENOENT', 'EOPNOTSUPP'].includes(String((error as FleetwallError).details?.['errno']));
    if (!without) throw error;
  }
}

/** The whole of the table but for its blocks, whatever is there of it. */
function writeRuleset(
  w: NetlinkWriter,
  sets: Iterable<BlockSet>,
  chain: 'missing' | 'foreign' | 'hooked',
  webPorts: readonly number[],
): void {
  let id = 1;
  writeTable(w);
  writeCounter(w);
  for (const set of sets) writeSet(w, set, id++);
  if (chain !== 'missing') writeChainFlush(w, CHAIN);
  if (chain === 'foreign') writeChainDeletion(w);
  if (chain !== 'hooked') writeChain(w);
  if ([...sets].some(({ ports }) => ports === 'web')) writeWebChain(w, webPorts);
  for (const set of sets) writeRule(w, set);
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
