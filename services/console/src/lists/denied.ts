import type { Caller } from '../api/caller.js';
import type { Blocks } from '../blocks/blocks.js';
import type { Rails } from '../blocks/rails.js';
import type { EntryLists } from './entry-lists.js';

/** Looked up together. */
const AT_ONCE = 20;

/** The denylist with what became of each entry: the list only says what is wanted. */
export class Denied {
  constructor(
    private readonly lists: EntryLists,
    private readonly blocks: Blocks,
    private readonly rails: Rails,
  ) {}

  async list(caller: Caller) {
    const entries = await this.lists.list('deny');
    const judge = await this.rails.judging();
    const told = async (entry: (typeof entries)[number]) => {
      const verdict = judge(entry.target, 'fleet');
      const block = await this.blocks.ofFleet(entry.target, caller);
      return { ...entry, ...(block && { block }), ...(verdict.allowed ? {} : { refusal: verdict.reason }) };
    };
    const all: Awaited<ReturnType<typeof told>>[] = [];
    for (let at = 0; at < entries.length; at += AT_ONCE)
      all.push(...(await Promise.all(entries.slice(at, at + AT_ONCE).map(told))));
    return all;
  }
}
