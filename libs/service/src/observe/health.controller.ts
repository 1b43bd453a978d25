import { Controller, Get, Header, HttpCode, Inject, ServiceUnavailableException } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { OBSERVED, type Observed } from './observed.js';

/** Health and metrics of the process. */
@Controller()
export class HealthController {
  constructor(
    @Inject(OBSERVED) private readonly observed: Observed,
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
    const problems = this.observed.problems();
    if (problems.length > 0) throw new ServiceUnavailableException(problems.join('; '));
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape() {
    return this.metrics.text();
  }
}
