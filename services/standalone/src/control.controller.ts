import { armBody, parseBody } from '@fleetwall/response-service';
import { ControlGuard } from '@fleetwall/service';
import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { StandaloneService } from './standalone.service.js';

/** What the command line asks of this host, over the control socket only. */
@Controller('control/v1')
@UseGuards(ControlGuard)
export class ControlController {
  constructor(@Inject(StandaloneService) private readonly service: StandaloneService) {}

  @Get('status')
  status() {
    return this.service.status();
  }

  @Get('doctor')
  doctor() {
    return this.service.doctor();
  }

  @Post('arm')
  @HttpCode(200)
  async arm(@Body() body: unknown) {
    await this.service.arm(parseBody(armBody, body).by);
    return this.service.status();
  }

  @Post('disarm')
  @HttpCode(200)
  async disarm() {
    await this.service.disarm();
    return this.service.status();
  }

  @Post('selftest')
  @HttpCode(200)
  selftest() {
    return this.service.selftest();
  }
}
