import type { Batch, Target } from '../../batch.js';
import { firewallError } from '../../errors.js';
import { type HeldBlock, type Inspection, isMissing, type KernelTable } from '../kernel-table.js';
import { type BlockSet, setNamed, TABLE, USUAL_SETS } from '../ruleset.js';
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
  writeRule,
  writeSet,
  writeTable,
} from './messages.js';
import { eachAttribute, readAttributes, textOf } from './reader.js';
import { NetlinkSocket } from './socket.js';
import { FLAGS, type NetlinkWriter } from './writer.js';

/** How often a list is begun again because other programs changed the ruleset meanwhile. */
const LIST_ATTEMPTS = 5;

/** The table by raw netlink: microseconds a change, whatever else the ruleset holds, and no program needed. */
export class NetlinkTable implements KernelTable {
  readonly name = 'nftables';
  #socket: NetlinkSocket | undefined;
  /** The chain's rules as they were after the last set-up. */
  #rules: Buffer[] = [];

  async probe(): Promise<void> {
    const socket = this.#open();
    if (readShape(socket, []).table !== 'missing') return;
    await socket.commit('try the table', (w) => writeRuleset(w, USUAL_SETS, 'missing'), false);
  }

  async setUp(sets: Iterable<BlockSet>): Promise<void> {
    const socket = this.#open();
    const { table, chain } = readShape(socket, []);
    // The kernel does not hook a chain in the batch that wakes its table.
    if (table === 'dormant') await socket.commit('wake the table', writeTable);
    const all = new Set([...(await this.#sets()), ...sets]);
    await socket.commit('set up the table', (w) => writeRuleset(w, all, chain));
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
      eachAttribute(data, 0, data.length, (type, from, to) => {
        if (type !== ELEMENTS_ATTRIBUTE.elements) return;
        readElements(set, data, from, to, (block) => into.set(block.target, block));
      });
    });
    return (await unlessMissing(dumped)) ?? true;
  }
}

/** Deletes the table at once; nothing when there is none. */
export function removeTable(socket: NetlinkSocket): void {
  try {
    socket.commitSync('remove the table', (w) => {
      w.message(MESSAGE.deleteTable, 0, () => w.text(TABLE_ATTRIBUTE.name, TABLE));
    });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** The whole of the table but for its blocks, whatever is there of it. */
function writeRuleset(w: NetlinkWriter, sets: Iterable<BlockSet>, chain: 'missing' | 'foreign' | 'hooked'): void {
  let id = 1;
  writeTable(w);
  writeCounter(w);
  for (const set of sets) writeSet(w, set, id++);
  if (chain !== 'missing') writeChainFlush(w);
  if (chain === 'foreign') writeChainDeletion(w);
  if (chain !== 'hooked') writeChain(w);
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
