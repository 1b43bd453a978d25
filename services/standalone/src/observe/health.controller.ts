import { Controller, Get, Header, HttpCode, Inject, ServiceUnavailableException } from '@nestjs/common';
import { StandaloneService } from '../standalone.service.js';
import { Metrics } from './metrics.js';

/** Health and metrics, on the loopback port. */
@Controller()
export class HealthController {
  constructor(
    @Inject(StandaloneService) private readonly service: StandaloneService,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** The process answers. */
  @Get('health/live')
  @HttpCode(200)
  live() {
    return { status: 'ok' };
  }

  /** Everything is started and works; 503 with what does not. */
  @Get('health/ready')
  @HttpCode(200)
  ready() {
    const problems = this.service.problems();
    if (problems.length > 0) throw new ServiceUnavailableException(problems.join('; '));
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape() {
    return this.metrics.text();
  }
}
