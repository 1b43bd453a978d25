import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Events } from '../events/events.js';
import { AbuseReports } from './abuse-reports.js';

@Controller()
export class AbuseController {
  constructor(
    @Inject(AbuseReports) private readonly reports: AbuseReports,
    @Inject(Events) private readonly events: Events,
  ) {}

  @Endpoint('draftAbuseReport')
  draftAbuseReport(@Asks() { params, query, caller, act }: AskOf<'draftAbuseReport'>) {
    const { from, to, org, contact, hosts } = query;
    act.about = params.address;
    return this.reports.draft(params.address, this.events.range({ from, to }), { org, contact }, hosts, caller);
  }
}
