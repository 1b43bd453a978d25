import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ErrorFilter } from '../error-filter.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';
import { OBSERVED, type Observed } from './observed.js';

/** `/health/live`, `/health/ready` and `/metrics` for a process. */
@Module({})
export class ObserveModule {
  static register(observed: Observed): DynamicModule {
    return {
      module: ObserveModule,
      controllers: [HealthController],
      providers: [
        { provide: OBSERVED, useValue: observed },
        { provide: Metrics, useFactory: () => new Metrics(observed) },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
