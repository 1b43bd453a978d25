import { canonicalTarget, type Origins, parseNetwork } from '@fleetwall/core';
import { sourceQuery } from '@fleetwall/response';
import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Blocks } from '../blocks/blocks.js';
import { Rails } from '../blocks/rails.js';
import { CONSOLE_OPTIONS } from '../console-options.js';
import { Events } from '../events/events.js';
import { EntryLists } from '../lists/entry-lists.js';
import { withinTenant } from '../tenancy/tenant-query.js';
import { AccountLogons } from './account-logons.js';
import { SubjectReports } from './subject-report.js';

const MOST_BLOCKS = 50;

/** Everything known about an address or an account, on one page. */
@Controller()
export class SubjectController {
  constructor(
    @Inject(SubjectReports) private readonly reports: SubjectReports,
    @Inject(Events) private readonly events: Events,
    @Inject(Blocks) private readonly blocks: Blocks,
    @Inject(Rails) private readonly rails: Rails,
    @Inject(EntryLists) private readonly lists: EntryLists,
    @Inject(AccountLogons) private readonly logons: AccountLogons,
    @Inject(CONSOLE_OPTIONS) private readonly options: { origins: Origins },
  ) {}

  @Endpoint('addressReport')
  async addressReport(@Asks() { params, query, caller }: AskOf<'addressReport'>) {
    const address = canonicalTarget(params.address);
    const network = parseNetwork(address);
    const range = this.events.range(query);
    const found = sourceQuery(address);
    const own = { query: withinTenant(found, caller.tenant), range };
    const [report, accounts, { blocks }, verdict, allowed] = await Promise.all([
      this.reports.of({ query: found, values: [address], range }, caller),
      this.reports.top(own, 'user.name'),
      this.blocks.page({ ...range, address, limit: MOST_BLOCKS }, caller),
      this.rails.judge(address, 'fleet'),
      caller.tenant === undefined ? this.lists.overlapping('allow', network) : [],
    ]);
    return {
      address,
      origin: this.options.origins.of(address),
      ...report,
      accounts,
      blocked: blocks.some(({ state }) => state === 'active'),
      blocks,
      allowed: allowed.map(({ id, value }) => ({ target: id, reason: value.reason, owner: value.owner })),
      // Why the operator shelters an address is not a tenant's to read.
      ...(verdict.allowed || caller.tenant !== undefined ? {} : { refusal: verdict.reason }),
    };
  }

  @Endpoint('userReport')
  async userReport(@Asks() { params, query, caller }: AskOf<'userReport'>) {
    const range = this.events.range(query);
    const { query: found, names } = await this.reports.account(params.name, range, caller);
    const own = { query: withinTenant(found, caller.tenant), range };
    const [report, addresses, logons] = await Promise.all([
      this.reports.of({ query: found, values: names, range }, caller),
      this.reports.top(own, 'source.ip'),
      this.logons.of(own.query, range),
    ]);
    const masked = names.every((name) => name.startsWith('~'));
    return { user: params.name, names, masked, ...report, addresses, ...logons };
  }
}
