import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { AllowList } from './allow-list.js';

@Controller()
export class ListController {
  constructor(@Inject(AllowList) private readonly allowList: AllowList) {}

  @Endpoint('listAllowed')
  async listAllowed() {
    return { entries: await this.allowList.list() };
  }

  @Endpoint('allow')
  async allow(@Asks() { params, body, caller, act }: AskOf<'allow'>) {
    act.about = params.target;
    const before = await this.allowList.get(params.target);
    const after = await this.allowList.put(params.target, body.reason, caller.name, body.duration);
    Object.assign(act, { before, after });
    return after;
  }

  @Endpoint('disallow')
  async disallow(@Asks() { params, act }: AskOf<'disallow'>): Promise<void> {
    act.about = params.target;
    act.before = await this.allowList.get(params.target);
    await this.allowList.delete(params.target);
  }
}
