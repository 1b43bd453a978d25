import { ControlGuard } from '@fleetwall/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { BlockDesk } from './block-desk.js';
import {
  blockBody,
  parseAllowed,
  parseBody,
  parseDuration,
  parseEntry,
  parseTarget,
  sessionsQuery,
  unblockBody,
} from './requests.js';

/** Blocks and the lists for the command line, over the control socket only. */
@Controller('control/v1')
@UseGuards(ControlGuard)
export class BlocksController {
  constructor(@Inject(BlockDesk) private readonly desk: BlockDesk) {}

  @Get('blocks')
  blocks() {
    return this.desk.blocks();
  }

  @Post('blocks')
  @HttpCode(200)
  block(@Body() body: unknown) {
    const { target, duration, host, webOnly, by, comment } = parseBody(blockBody, body);
    const scope = host === undefined ? { type: 'fleet' as const } : { type: 'host' as const, id: host };
    const what = { target: parseTarget(target), scope, durationMs: parseDuration(duration), by, comment };
    return this.desk.block({ ...what, ...(webOnly && { ports: 'web' }) });
  }

  @Post('unblock')
  @HttpCode(200)
  unblock(@Body() body: unknown) {
    const { target, by, comment } = parseBody(unblockBody, body);
    return this.desk.unblock(parseTarget(target), by, comment);
  }

  @Get('why/:target')
  why(@Param('target') target: string) {
    return this.desk.why(parseTarget(target));
  }

  @Get('sessions')
  sessions(@Query() query: unknown) {
    const { who, since } = parseBody(sessionsQuery, query);
    return this.desk.sessions(who, parseDuration(since));
  }

  @Get('allow')
  allowed() {
    return this.desk.list('allow');
  }

  @Post('allow')
  @HttpCode(200)
  allow(@Body() body: unknown) {
    const { target, entry, durationMs } = parseEntry(body);
    return this.desk.put('allow', parseAllowed(target), entry, durationMs);
  }

  @Delete('allow/:target')
  disallow(@Param('target') target: string) {
    return this.desk.remove('allow', parseTarget(target));
  }

  @Get('deny')
  denied() {
    return this.desk.list('deny');
  }

  @Post('deny')
  @HttpCode(200)
  deny(@Body() body: unknown) {
    const { target, entry, durationMs } = parseEntry(body);
    return this.desk.put('deny', parseTarget(target), entry, durationMs);
  }

  @Delete('deny/:target')
  undeny(@Param('target') target: string) {
    return this.desk.remove('deny', parseTarget(target));
  }
}
