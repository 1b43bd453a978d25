import { type DynamicModule, Module } from '@nestjs/common';
import { type GatewayOptions, GatewayPipeline } from './pipeline.js';

/** Where collectors connect. Whoever imports it starts and stops the pipeline. */
@Module({})
export class GatewayModule {
  static register(options: GatewayOptions): DynamicModule {
    const pipeline = { provide: GatewayPipeline, useFactory: () => new GatewayPipeline(options) };
    return { module: GatewayModule, providers: [pipeline], exports: [GatewayPipeline] };
  }
}
