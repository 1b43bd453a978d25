import type { Block, BlockRequest, EventStore, Registry } from '@fleetwall/core';
import {
  type ListName,
  listEntries,
  putListEntry,
  removeListEntry,
  responseError,
  type WrittenEntry,
} from '@fleetwall/response';
import type { RequestDesk } from '@fleetwall/service';
import type { ResponsePipeline } from '../pipeline.js';
import { connected } from './connected.js';
import { controlError } from './errors.js';
import { type Explanation, explain } from './why.js';

/** Clocks of hosts may be ahead. */
const AHEAD_MS = 3_600_000;

export interface BlockDeskParts {
  response: ResponsePipeline;
  desk: RequestDesk;
  registry: Registry;
  /** Opened when somebody asks why: deciding needs no store. */
  store: () => Promise<EventStore>;
  /** Why the host of this process would refuse to block a target; there is none in a cluster. */
  refusal?: (target: string) => string | undefined;
}

/** What people ask about blocks and the lists. */
export class BlockDesk {
  readonly #parts: BlockDeskParts;

  constructor(parts: BlockDeskParts) {
    this.#parts = parts;
  }

  blocks() {
    return [...this.#parts.response.decider.book.all()].map(blockView);
  }

  blocksOf(target: string) {
    return this.#parts.response.decider.book.ofTarget(target).map(blockView);
  }

  async block(what: Omit<Extract<BlockRequest, { type: 'block' }>, 'type' | 'id' | 'atMs'>) {
    await this.#parts.desk.ask({ type: 'block', ...what });
    return this.blocksOf(what.target);
  }

  async unblock(target: string, by: string, comment: string) {
    await this.#parts.desk.ask({ type: 'unblock', target, by, comment });
    return this.blocksOf(target);
  }

  async why(target: string): Promise<Explanation> {
    const { response, store, refusal } = this.#parts;
    return explain(target, response.decider.book, await store(), refusal ?? (() => undefined));
  }

  async sessions(who: string | undefined, sinceMs: number) {
    const nowMs = Date.now();
    return connected(await this.#parts.store(), who, nowMs - sinceMs, nowMs + AHEAD_MS);
  }

  async list(list: ListName) {
    return (await listEntries(this.#parts.registry, list)).map(({ id, value }) => ({ target: id, ...value }));
  }

  async put(list: ListName, target: string, entry: Omit<WrittenEntry, 'untilMs'>, durationMs: number | undefined) {
    const nowMs = Date.now();
    const refusal =
      list === 'deny' ? this.#parts.response.decider.refusal(target, { type: 'fleet' }, nowMs) : undefined;
    if (refusal !== undefined) throw responseError('BLOCK_REFUSED', { target, reason: refusal });
    const end = durationMs === undefined ? {} : { untilMs: nowMs + durationMs };
    await putListEntry(this.#parts.registry, list, target, { ...entry, ...end }, nowMs);
    return this.list(list);
  }

  async remove(list: ListName, target: string) {
    const entry = await removeListEntry(this.#parts.registry, list, target);
    if (!entry) throw controlError('NOT_LISTED', { target, list });
    return this.list(list);
  }
}

function blockView(block: Block) {
  return { ...block, at: iso(block.atMs), until: iso(block.untilMs) };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
