import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { EventExports } from './event-export.js';
import { EVENT_FIELDS } from './event-fields.js';
import { Events, shown } from './events.js';
import { Tail } from './tail.js';
import { ValueCounts } from './value-counts.js';

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

@Controller()
export class EventController {
  constructor(
    @Inject(Events) private readonly events: Events,
    @Inject(EventExports) private readonly exports: EventExports,
    @Inject(ValueCounts) private readonly values: ValueCounts,
    @Inject(Tail) private readonly tail: Tail,
  ) {}

  @Endpoint('searchEvents')
  searchEvents(@Asks() { query, caller, signal }: AskOf<'searchEvents'>) {
    const { order, cursor, limit, ...search } = query;
    return this.events.page(this.events.found(search, caller, signal), order, limit, cursor);
  }

  @Endpoint('countEvents')
  countEvents(@Asks() { query, caller, signal }: AskOf<'countEvents'>) {
    const { buckets, ...search } = query;
    return this.events.histogram(this.events.found(search, caller, signal), buckets);
  }

  @Endpoint('topValues')
  async topValues(@Asks() { query, caller, signal }: AskOf<'topValues'>) {
    const { field, limit, ...search } = query;
    return { field, values: await this.events.top(this.events.found(search, caller, signal), field, limit) };
  }

  @Endpoint('listFields')
  listFields() {
    return { fields: [...EVENT_FIELDS] };
  }

  @Endpoint('completeValue')
  completeValue(@Asks() { query, caller }: AskOf<'completeValue'>) {
    return this.values.of(query, caller);
  }

  @Endpoint('tailEvents')
  tailEvents(@Asks() { query, caller }: AskOf<'tailEvents'>) {
    return this.tail.after(query, caller);
  }

  @Endpoint('exportEvents')
  exportEvents(@Asks() { query, caller, act }: AskOf<'exportEvents'>) {
    const { order, format, ...search } = query;
    act.about = search.query;
    const found = this.events.found(search, caller);
    return new StreamableFile(
      this.exports.stream(this.events.scan(found, order), format, () => this.events.missingDays(found)),
      {
        type: TYPES[format],
        disposition: `attachment; filename="events.${format}"`,
      },
    );
  }

  @Endpoint('getEvent')
  async getEvent(@Asks() { params, caller }: AskOf<'getEvent'>) {
    return shown(await this.events.byId(params.id, caller));
  }

  @Endpoint('surroundingEvents')
  surroundingEvents(@Asks() { params, query, caller }: AskOf<'surroundingEvents'>) {
    return this.events.surrounding(params.id, caller, query.minutes, query.limit);
  }
}
