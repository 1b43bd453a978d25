import { canonicalAddress, type Origins } from '@fleetwall/core';
import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { CONSOLE_OPTIONS } from '../console-options.js';
import { Events } from '../events/events.js';
import { ReverseNames } from './reverse-names.js';
import { TopNetworks } from './top-networks.js';

/** Where addresses are from. */
@Controller()
export class OriginController {
  constructor(
    @Inject(CONSOLE_OPTIONS) private readonly options: { origins: Origins },
    @Inject(Events) private readonly events: Events,
    @Inject(TopNetworks) private readonly networks: TopNetworks,
    @Inject(ReverseNames) private readonly names: ReverseNames,
  ) {}

  @Endpoint('listOrigins')
  listOrigins(@Asks() { query }: AskOf<'listOrigins'>) {
    const { origins } = this.options;
    const addresses = [...new Set(query.addresses.split(',').map((text) => text.trim()))].filter((text) => text !== '');
    return {
      origins: addresses.map((address) => ({ address, ...origins.of(address) })),
      sources: origins.sources(),
    };
  }

  @Endpoint('topNetworks')
  async topNetworks(@Asks() { query, caller, signal }: AskOf<'topNetworks'>) {
    const { limit, ...search } = query;
    return { networks: await this.networks.of(this.events.found(search, caller, signal), limit) };
  }

  @Endpoint('addressNames')
  addressNames(@Asks() { params }: AskOf<'addressNames'>) {
    const address = canonicalAddress(params.address);
    if (address === undefined)
      throw consoleError('INPUT_INVALID', { field: 'address', reason: 'is no single address' });
    return this.names.of(address);
  }
}
