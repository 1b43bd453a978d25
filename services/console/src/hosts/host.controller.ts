import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Hosts } from './hosts.js';

@Controller()
export class HostController {
  constructor(@Inject(Hosts) private readonly hosts: Hosts) {}

  @Endpoint('listHosts')
  async listHosts(@Asks() { caller }: AskOf<'listHosts'>) {
    return { hosts: await this.hosts.list(caller) };
  }
}
