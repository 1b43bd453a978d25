import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Reports } from './reports.js';

/** Who is told what, and whether it arrives. */
@Controller()
export class ReportController {
  constructor(@Inject(Reports) private readonly reports: Reports) {}

  @Endpoint('listChannels')
  async listChannels(@Asks() { caller }: AskOf<'listChannels'>) {
    return { channels: await this.reports.list(caller) };
  }

  @Endpoint('testChannel')
  async testChannel(@Asks() { params, caller, act }: AskOf<'testChannel'>) {
    act.about = params.name;
    return { key: await this.reports.test(params.name, caller) };
  }

  @Endpoint('sendSummary')
  async sendSummary(@Asks() { params, caller, act }: AskOf<'sendSummary'>) {
    act.about = params.name;
    act.after = { period: params.period };
    return { key: await this.reports.summarise(params.name, params.period, caller) };
  }
}
