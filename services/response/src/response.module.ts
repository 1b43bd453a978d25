import { type DynamicModule, Module } from '@nestjs/common';
import { type ResponseOptions, ResponsePipeline } from './pipeline.js';

/** Alerts and requests to blocks. Whoever imports it starts and stops the pipeline. */
@Module({})
export class ResponseModule {
  static register(options: ResponseOptions): DynamicModule {
    const pipeline = { provide: ResponsePipeline, useFactory: () => new ResponsePipeline(options) };
    return { module: ResponseModule, providers: [pipeline], exports: [ResponsePipeline] };
  }
}
