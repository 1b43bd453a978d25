import type { ListName } from '@fleetwall/response';
import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Denied } from './denied.js';
import { EntryLists } from './entry-lists.js';
import { ListPreviews } from './list-previews.js';

@Controller()
export class ListController {
  constructor(
    @Inject(EntryLists) private readonly lists: EntryLists,
    @Inject(ListPreviews) private readonly previews: ListPreviews,
    @Inject(Denied) private readonly denied: Denied,
  ) {}

  @Endpoint('listAllowed')
  async listAllowed() {
    return { entries: await this.lists.list('allow') };
  }

  @Endpoint('previewAllow')
  previewAllow(@Asks() { body, caller }: AskOf<'previewAllow'>) {
    return this.previews.allow(body.target, caller);
  }

  @Endpoint('allow')
  allow(@Asks() ask: AskOf<'allow'>) {
    return this.#put('allow', ask);
  }

  @Endpoint('disallow')
  disallow(@Asks() ask: AskOf<'disallow'>): Promise<void> {
    return this.#delete('allow', ask);
  }

  @Endpoint('listDenied')
  async listDenied(@Asks() { caller }: AskOf<'listDenied'>) {
    return { entries: await this.denied.list(caller) };
  }

  @Endpoint('previewDeny')
  previewDeny(@Asks() { body, caller }: AskOf<'previewDeny'>) {
    return this.previews.deny(body.target, caller);
  }

  @Endpoint('deny')
  deny(@Asks() ask: AskOf<'deny'>) {
    return this.#put('deny', ask);
  }

  @Endpoint('undeny')
  undeny(@Asks() ask: AskOf<'undeny'>): Promise<void> {
    return this.#delete('deny', ask);
  }

  async #put(list: ListName, { params, body, caller, act }: AskOf<'allow'>) {
    act.about = params.target;
    const before = await this.lists.get(list, params.target);
    const after = await this.lists.put(list, params.target, body, caller.name);
    Object.assign(act, { before, after });
    return after;
  }

  async #delete(list: ListName, { params, act }: AskOf<'disallow'>): Promise<void> {
    act.about = params.target;
    act.before = await this.lists.get(list, params.target);
    await this.lists.delete(list, params.target);
  }
}
