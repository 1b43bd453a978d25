import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { policyView, RuleBook } from './rule-book.js';
import { RuleTrial } from './rule-trial.js';

/** Rules and policies as this process read them, and the switches that every process follows. */
@Controller()
export class DetectionController {
  constructor(
    @Inject(RuleBook) private readonly book: RuleBook,
    @Inject(RuleTrial) private readonly trial: RuleTrial,
  ) {}

  @Endpoint('listRules')
  listRules(@Asks() { caller }: AskOf<'listRules'>) {
    return this.book.list(caller);
  }

  @Endpoint('getRule')
  getRule(@Asks() { params, caller }: AskOf<'getRule'>) {
    return this.book.get(params.name, caller);
  }

  @Endpoint('testRules')
  testRules(@Asks() { body }: AskOf<'testRules'>) {
    return this.trial.run(body.text, body.zone, body.rule);
  }

  @Endpoint('switchRule')
  async switchRule(@Asks() { params, body, caller, act }: AskOf<'switchRule'>) {
    act.about = params.name;
    act.before = { mode: (await this.book.switchOf(params.name))?.mode ?? 'on' };
    const after = await this.book.switch(params.name, body.mode, body.comment, caller);
    act.after = { mode: after.mode, comment: body.comment };
    return after;
  }

  @Endpoint('listPolicies')
  listPolicies() {
    return { policies: this.book.policies().map(policyView) };
  }
}
