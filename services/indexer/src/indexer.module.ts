import { type DynamicModule, Module } from '@nestjs/common';
import { type IndexerOptions, IndexerPipeline } from './pipeline.js';

/** Events into the event store. Whoever imports it starts and stops the pipeline. */
@Module({})
export class IndexerModule {
  static register(options: IndexerOptions): DynamicModule {
    const pipeline = { provide: IndexerPipeline, useFactory: () => new IndexerPipeline(options) };
    return { module: IndexerModule, providers: [pipeline], exports: [IndexerPipeline] };
  }
}
