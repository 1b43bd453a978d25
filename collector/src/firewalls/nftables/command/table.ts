import { DEFAULT_WEB_PORTS, networkOf, networkText, parseNetwork } from '@fleetwall/core';
import { type Batch, entryName, type Target } from '../../batch.js';
import { type HeldBlock, type Inspection, isMissing, type KernelTable } from '../kernel-table.js';
import { type ChainRules, compareRules, NO_TABLE, PROBLEMS } from '../problems.js';
import {
  type BlockSet,
  CHAIN,
  COUNTER,
  groupBySet,
  PRIORITY,
  setNamed,
  TABLE,
  USUAL_SETS,
  WEB_CHAIN,
} from '../ruleset.js';
import { runNft } from './run-nft.js';
import { changeScript, elementText, rulesetScript } from './script.js';

/** What of `nft -j` is read here (libnftables-json(5)). */
interface Listing {
  nftables: {
    table?: { flags?: unknown };
    counter?: { name: string; packets: number; bytes: number };
    set?: { name: string; elem?: ListedElement[] };
    chain?: { name: string; hook?: string; prio?: number };
    rule?: { chain: string; expr: unknown };
  }[];
}

type ListedElement = string | { elem: { val: string; expires?: number } };

/** Lists that are read before a block that none of them shows is held to be missing. */
const LOOKS = 3;

/** The table by the `nft` command, some 10 ms a call: for hosts where netlink cannot be reached from here. */
export class CommandTable implements KernelTable {
  readonly name = 'nftables (nft command)';
  /** The chain's rules as they were after the last set-up of this process. */
  #rules: ChainRules<string> | undefined;

  /** @param webPorts those that blocks for the web's ports close */
  constructor(private readonly webPorts: readonly number[] = DEFAULT_WEB_PORTS) {}

  async probe(): Promise<void> {
    await runNft('try the table', ['-c', '-f', '-'], rulesetScript(USUAL_SETS, false));
  }

  async setUp(sets: Iterable<BlockSet>): Promise<void> {
    const found = await this.#list(['-t']);
    const there = found.flatMap(({ set }) => setNamed(set?.name ?? '') ?? []);
    const replaceChain = found.some(({ chain }) => chain?.name === CHAIN && !isHooked(chain));
    const script = rulesetScript(new Set([...there, ...sets]), replaceChain, this.webPorts);
    await runNft('set up the table', ['-f', '-'], script);
    this.#rules = rulesOf(await this.#list(['-t']));
  }

  async change(batch: Batch): Promise<void> {
    if (batch.add.length + batch.remove.length === 0) return;
    await runNft('change the blocks', ['-f', '-'], changeScript(batch));
  }

  async list(): Promise<HeldBlock[]> {
    return readBlocks(await this.#list([]));
  }

  async lookUp(targets: Target[]): Promise<HeldBlock[]> {
    const held = new Map<string, HeldBlock>();
    let unseen = targets;
    for (let attempt = 1; unseen.length > 0 && attempt <= LOOKS; attempt++) {
      for (const block of await this.list()) held.set(entryName(block.target, block.ports), block);
      unseen = unseen.filter((target) => !held.has(entryName(target.text, target.ports)));
    }
    return targets.flatMap((target) => held.get(entryName(target.text, target.ports)) ?? []);
  }

  async inspect(samples: Target[]): Promise<Inspection> {
    const found = await this.#list(['-t']);
    const table = found.find((object) => object.table)?.table;
    if (!table) return NO_TABLE;
    const problems: string[] = [];
    // Dormant is the only flag that someone else can set; nft 1.0.6 writes another word for it.
    if (table.flags !== undefined) problems.push(PROBLEMS.dormant);
    const counter = found.find((object) => object.counter?.name === COUNTER)?.counter;
    if (!counter) problems.push(PROBLEMS.noCounter);
    const chain = found.find((object) => object.chain?.name === CHAIN)?.chain;
    if (!chain) problems.push(PROBLEMS.noChain);
    else if (!isHooked(chain)) problems.push(PROBLEMS.otherHook);
    else problems.push(...compareRules(rulesOf(found), this.#rules, (a, b) => a === b));
    const missing = await this.#missing(samples);
    return { problems, droppedPackets: counter?.packets ?? 0, droppedBytes: counter?.bytes ?? 0, missing };
  }

  async remove(): Promise<void> {
    const script = `add table inet ${TABLE}\ndelete table inet ${TABLE}\n`;
    await runNft('remove the table', ['-f', '-'], script);
  }

  close(): void {}

  /** Empty when there is no table. */
  async #list(options: string[]): Promise<Listing['nftables']> {
    try {
      const text = await runNft('list the table', [...options, '-j', 'list', 'table', 'inet', TABLE]);
      return (JSON.parse(text) as Listing).nftables;
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** `nft get` fails when one is missing, and says no more (1.0 may also crash then); only the list tells which. */
  async #missing(samples: Target[]): Promise<Target[]> {
    try {
      for (const [set, targets] of groupBySet(samples)) {
        const elements = targets.map((target) => elementText(target)).join(',');
        await runNft('look up blocks', ['get', 'element', 'inet', TABLE, set.name, `{ ${elements} }`]);
      }
      return [];
    } catch {
      const held = new Set((await this.lookUp(samples)).map(({ target, ports }) => entryName(target, ports)));
      return samples.filter((sample) => !held.has(entryName(sample.text, sample.ports)));
    }
  }
}

function readBlocks(found: Listing['nftables']): HeldBlock[] {
  return found.flatMap(({ set }) => {
    const ours = setNamed(set?.name ?? '');
    return ours ? (set?.elem ?? []).map((element) => readElement(ours, element)) : [];
  });
}

function isHooked(chain: { hook?: string; prio?: number }): boolean {
  return chain.hook === 'prerouting' && chain.prio === PRIORITY;
}

function rulesOf(found: Listing['nftables']): ChainRules<string> {
  const of = (chain: string) => found.flatMap(({ rule }) => (rule?.chain === chain ? JSON.stringify(rule.expr) : []));
  return { main: of(CHAIN), web: of(WEB_CHAIN) };
}

/** nft tells whole seconds. */
function readElement({ family, prefix, ports }: BlockSet, element: ListedElement): HeldBlock {
  const { val, expires } = typeof element === 'string' ? { val: element, expires: undefined } : element.elem;
  const target = networkText(networkOf(family, parseNetwork(val).first, prefix));
  return { target, ...(ports && { ports }), ...(expires !== undefined && { remainingMs: expires * 1000 }) };
}
