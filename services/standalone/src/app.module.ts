import { ConsoleModule, ConsoleService } from '@fleetwall/console-service';
import { CorrelationModule, CorrelationPipeline } from '@fleetwall/correlation-service';
import { GatewayModule, GatewayPipeline } from '@fleetwall/gateway-service';
import { IndexerModule, IndexerPipeline } from '@fleetwall/indexer-service';
import { BlockControlModule, ResponseModule, ResponsePipeline } from '@fleetwall/response-service';
import { ControlGuard } from '@fleetwall/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { addCollector, consoleOptions, type Foundation } from './compose.js';
import { ControlController } from './control.controller.js';
import { StandaloneService } from './standalone.service.js';

/** All services in one process, and their control over the socket. */
@Module({})
export class AppModule {
  static register(foundation: Foundation): DynamicModule {
    const response = ResponseModule.register(foundation.response);
    let service: StandaloneService | undefined;
    return {
      module: AppModule,
      imports: [
        GatewayModule.register(foundation.gateway),
        CorrelationModule.register(foundation.correlation),
        response,
        IndexerModule.register(foundation.indexer),
        ConsoleModule.register(
          consoleOptions(foundation, {
            problems: () => service?.problems() ?? [],
            numbers: async () => (await service?.numbers()) ?? [],
            selfTest: () => (service as StandaloneService).selftest(),
          }),
        ),
        BlockControlModule.register(response, {
          desk: foundation.desk,
          registry: foundation.registry,
          store: async () => foundation.store,
          refusal: (target) => foundation.agent?.enforcer.refusal(target),
        }),
      ],
      controllers: [ControlController],
      providers: [
        {
          provide: StandaloneService,
          inject: [GatewayPipeline, CorrelationPipeline, ResponsePipeline, IndexerPipeline, ConsoleService],
          useFactory: async (
            gateway: GatewayPipeline,
            correlation: CorrelationPipeline,
            response: ResponsePipeline,
            indexer: IndexerPipeline,
            console: ConsoleService,
          ) => {
            service = await addCollector(foundation, { gateway, correlation, response, indexer, console });
            return service;
          },
        },
        ControlGuard,
      ],
    };
  }
}
