import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { SavedSearches } from './saved-searches.js';

@Controller()
export class SearchController {
  constructor(@Inject(SavedSearches) private readonly searches: SavedSearches) {}

  @Endpoint('listSearches')
  async listSearches(@Asks() { caller }: AskOf<'listSearches'>) {
    return { searches: await this.searches.list(caller) };
  }

  @Endpoint('getSearch')
  getSearch(@Asks() { params, caller }: AskOf<'getSearch'>) {
    return this.searches.get(params.id, caller);
  }

  @Endpoint('saveSearch')
  async saveSearch(@Asks() { body, caller, act }: AskOf<'saveSearch'>) {
    const saved = await this.searches.save(body, caller);
    act.about = saved.name ?? 'a link';
    act.after = saved;
    return saved;
  }

  @Endpoint('deleteSearch')
  async deleteSearch(@Asks() { params, caller, act }: AskOf<'deleteSearch'>) {
    act.about = params.id;
    act.before = await this.searches.delete(params.id, caller);
  }
}
