import { printable } from '@fleetwall/core';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { StandaloneService } from '../standalone.service.js';
import { ControlGuard } from './control-socket.js';
import {
  allowBody,
  armBody,
  blockBody,
  parseAllowed,
  parseBody,
  parseDuration,
  parseTarget,
  unblockBody,
} from './requests.js';

/** What the command line asks for, over the control socket only. */
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

  @Get('blocks')
  blocks() {
    return this.service.blocks();
  }

  @Post('blocks')
  @HttpCode(200)
  async block(@Body() body: unknown) {
    const { target, duration, host, by, comment } = parseBody(blockBody, body);
    const scope = host === undefined ? { type: 'fleet' as const } : { type: 'host' as const, id: host };
    const durationMs = parseDuration(duration);
    await this.service.desk.ask({ type: 'block', target: parseTarget(target), scope, durationMs, by, comment });
    return this.service.blocksOf(parseTarget(target));
  }

  @Post('unblock')
  @HttpCode(200)
  async unblock(@Body() body: unknown) {
    const { target, by, comment } = parseBody(unblockBody, body);
    await this.service.desk.ask({ type: 'unblock', target: parseTarget(target), by, comment });
    return this.service.blocksOf(parseTarget(target));
  }

  @Get('why/:target')
  why(@Param('target') target: string) {
    return this.service.why(parseTarget(target));
  }

  @Get('allow')
  allowed() {
    return this.service.allowed();
  }

  @Post('allow')
  @HttpCode(200)
  allow(@Body() body: unknown) {
    const { target, reason, owner, duration } = parseBody(allowBody, body);
    const durationMs = duration === undefined ? undefined : parseDuration(duration);
    return this.service.allow(parseAllowed(target), { reason: printable(reason), owner: printable(owner) }, durationMs);
  }

  @Delete('allow/:target')
  disallow(@Param('target') target: string) {
    return this.service.disallow(parseTarget(target));
  }

  @Post('selftest')
  @HttpCode(200)
  selftest() {
    return this.service.selftest();
  }
}
