import { Controller, Inject } from '@nestjs/common';
import { Endpoint } from '../api/endpoint.js';
import { SystemState } from './system-state.js';

@Controller()
export class SystemController {
  constructor(@Inject(SystemState) private readonly state: SystemState) {}

  @Endpoint('system')
  system() {
    return this.state.read();
  }
}
