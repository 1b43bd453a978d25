import { CorrelationModule, CorrelationPipeline } from '@fleetwall/correlation-service';
import { GatewayModule, GatewayPipeline } from '@fleetwall/gateway-service';
import { IndexerModule, IndexerPipeline } from '@fleetwall/indexer-service';
import { ResponseModule, ResponsePipeline } from '@fleetwall/response-service';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { addCollector, type Foundation } from './compose.js';
import { ControlController } from './control/control.controller.js';
import { ControlGuard } from './control/control-socket.js';
import { ErrorFilter } from './control/error-filter.js';
import { HealthController } from './observe/health.controller.js';
import { Metrics } from './observe/metrics.js';
import { StandaloneService } from './standalone.service.js';

/** All services in one process, and their HTTP face: health and metrics for this machine, control over the socket. */
@Module({})
export class AppModule {
  static register(foundation: Foundation): DynamicModule {
    return {
      module: AppModule,
      imports: [
        GatewayModule.register(foundation.gateway),
        CorrelationModule.register(foundation.correlation),
        ResponseModule.register(foundation.response),
        IndexerModule.register(foundation.indexer),
      ],
      controllers: [HealthController, ControlController],
      providers: [
        {
          provide: StandaloneService,
          inject: [GatewayPipeline, CorrelationPipeline, ResponsePipeline, IndexerPipeline],
          useFactory: (
            gateway: GatewayPipeline,
            correlation: CorrelationPipeline,
            response: ResponsePipeline,
            indexer: IndexerPipeline,
          ) => addCollector(foundation, { gateway, correlation, response, indexer }),
        },
        {
          provide: Metrics,
          inject: [StandaloneService],
          useFactory: (service: StandaloneService) => new Metrics(service),
        },
        { provide: APP_FILTER, useClass: ErrorFilter },
        ControlGuard,
      ],
    };
  }
}
