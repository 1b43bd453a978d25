import { type DynamicModule, Module } from '@nestjs/common';
import { type CorrelationOptions, CorrelationPipeline } from './pipeline.js';

/** Events to observations to alerts. Whoever imports it starts and stops the pipeline. */
@Module({})
export class CorrelationModule {
  static register(options: CorrelationOptions): DynamicModule {
    const pipeline = { provide: CorrelationPipeline, useFactory: () => new CorrelationPipeline(options) };
    return { module: CorrelationModule, providers: [pipeline], exports: [CorrelationPipeline] };
  }
}
