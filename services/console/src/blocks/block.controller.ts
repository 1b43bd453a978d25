import { canonicalTarget } from '@fleetwall/core';
import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Events } from '../events/events.js';
import { Blocks } from './blocks.js';

@Controller()
export class BlockController {
  constructor(
    @Inject(Blocks) private readonly blocks: Blocks,
    @Inject(Events) private readonly events: Events,
  ) {}

  @Endpoint('listBlocks')
  listBlocks(@Asks() { query, caller }: AskOf<'listBlocks'>) {
    const { from, to, address, state, scope, cursor, limit } = query;
    const wanted = {
      ...(address === undefined ? {} : { address: canonicalTarget(address) }),
      ...(state === undefined ? {} : { state }),
      ...(scope === undefined ? {} : { scope }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    return this.blocks.page({ ...this.events.range({ from, to }), ...wanted, limit }, caller);
  }

  @Endpoint('previewBlock')
  previewBlock(@Asks() { body, caller }: AskOf<'previewBlock'>) {
    return this.blocks.preview(body, caller);
  }

  @Endpoint('createBlock')
  async createBlock(@Asks() { body, caller, act }: AskOf<'createBlock'>) {
    act.about = body.target;
    const made = await this.blocks.block(body, caller);
    Object.assign(act, { about: made.target, after: { ...made, comment: body.comment } });
    return made;
  }

  @Endpoint('liftBlock')
  async liftBlock(@Asks() { params, query, caller, act }: AskOf<'liftBlock'>) {
    Object.assign(act, { about: params.target, after: { comment: query.comment } });
    return { target: await this.blocks.lift(params.target, query.comment, caller) };
  }
}
