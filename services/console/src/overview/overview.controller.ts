import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Events } from '../events/events.js';
import { Overview } from './overview.js';

@Controller()
export class OverviewController {
  constructor(
    @Inject(Overview) private readonly pages: Overview,
    @Inject(Events) private readonly events: Events,
  ) {}

  @Endpoint('overview')
  overview(@Asks() { query, caller }: AskOf<'overview'>) {
    return this.pages.of(this.events.range(query), caller);
  }
}
