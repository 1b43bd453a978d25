import { type Block, canonicalTarget, contains, type Network, networkText, parseNetwork } from '@fleetwall/core';
import { type Exemption, exemptTarget, isEnded, type ListName } from '@fleetwall/response';
import type { Caller } from '../api/caller.js';
import { pagesOf } from '../api/pages.js';
import type { Blocks } from '../blocks/blocks.js';
import type { EntryLists } from './entry-lists.js';

const MOST_PAGES = 10;
const PAGE = 1_000;
const MOST_SHOWN = 50;

/** What an entry of a list would do, before it does. */
export class ListPreviews {
  constructor(
    private readonly lists: EntryLists,
    private readonly blocks: Blocks,
  ) {}

  /** Throws ADDRESS_INVALID, ALLOW_REFUSED. */
  async allow(text: string, caller: Caller) {
    const target = canonicalTarget(text);
    const { network }: Exemption = exemptTarget(target, '');
    const { found, isAll } = await this.#blocksOf(network);
    const [lifted, narrowed] = [
      found.filter((block) => contains(network, parseNetwork(block.target))),
      found.filter((block) => !contains(network, parseNetwork(block.target))),
    ];
    return {
      target,
      shelters: networkText(network),
      ...(await this.#nested('allow', network, target)),
      lifts: await this.blocks.shown(lifted.slice(0, MOST_SHOWN), caller),
      liftCount: lifted.length,
      narrows: await this.blocks.shown(narrowed.slice(0, MOST_SHOWN), caller),
      narrowCount: narrowed.length,
      isComplete: isAll,
      denied: (await this.lists.overlapping('deny', network)).map(({ id }) => id),
    };
  }

  /** Throws ADDRESS_INVALID, DURATION_INVALID. */
  async deny(text: string, caller: Caller) {
    const network = parseNetwork(canonicalTarget(text));
    const { target, allowed, reason, except, covers, hosts, coveredBy } = await this.blocks.preview(
      { target: text, scope: 'fleet', duration: '365d' },
      caller,
    );
    const exempt = await this.lists.overlapping('allow', network);
    return {
      ...{ target, allowed, ...(reason !== undefined && { reason }), except, covers, hosts, blocks: coveredBy },
      ...(await this.#nested('deny', network, target)),
      exempt: exempt.map(({ id, value }) => ({ target: id, reason: value.reason, owner: value.owner })),
    };
  }

  /** Other entries that hold all of it already, and those that it makes needless. */
  async #nested(list: ListName, network: Network, target: string) {
    const others = (await this.lists.overlapping(list, network)).map(({ id }) => id).filter((id) => id !== target);
    const isAround = (id: string) => contains(parseNetwork(id), network);
    return { coveredBy: others.filter(isAround), holds: others.filter((id) => !isAround(id)) };
  }

  async #blocksOf(network: Network): Promise<{ found: Block[]; isAll: boolean }> {
    const found: Block[] = [];
    let isAll = true;
    const read = (at: { cursor?: string }) => this.blocks.live(networkText(network), { ...at, limit: PAGE });
    for await (const page of pagesOf(MOST_PAGES, read)) {
      found.push(...page.blocks.filter((block) => !isEnded(block)));
      isAll = page.cursor === undefined;
    }
    return { found, isAll };
  }
}
