import { type DynamicModule, Module } from '@nestjs/common';
import { ResponsePipeline } from './pipeline.js';
import type { ResponseOptions } from './response-options.js';

/** Alerts and requests to blocks. Whoever imports it starts and stops the pipeline. */
@Module({})
export class ResponseModule {
  static register(options: ResponseOptions): DynamicModule {
    const pipeline = { provide: ResponsePipeline, useFactory: () => new ResponsePipeline(options) };
    return { module: ResponseModule, providers: [pipeline], exports: [ResponsePipeline] };
  }
}
