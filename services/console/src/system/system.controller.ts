import { Controller, Inject } from '@nestjs/common';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { CONSOLE_OPTIONS, type SelfTest } from '../console-options.js';
import { SystemState } from './system-state.js';

@Controller()
export class SystemController {
  constructor(
    @Inject(SystemState) private readonly state: SystemState,
    @Inject(CONSOLE_OPTIONS) private readonly options: { selfTest?: () => Promise<SelfTest> },
  ) {}

  @Endpoint('system')
  system() {
    return this.state.read();
  }

  @Endpoint('selfTest')
  selfTest(): Promise<SelfTest> {
    const { selfTest } = this.options;
    if (!selfTest) throw consoleError('NO_SELF_TEST');
    return selfTest();
  }
}
