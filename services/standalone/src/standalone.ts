import { listenOnControlSocket, type Service, type ServiceContext } from '@fleetwall/service';
import { AppModule } from './app.module.js';
import { banner } from './banner.js';
import { layFoundation } from './compose.js';
import { StandaloneService } from './standalone.service.js';

/** Everything in one process. */
export async function standalone(context: ServiceContext): Promise<Service> {
  const foundation = await layFoundation(context);
  return {
    module: AppModule.register(foundation),
    start: async ({ app, server, address }) => {
      const service: StandaloneService = app.get(StandaloneService);
      service.http = address;
      await service.start();
      service.control = await listenOnControlSocket(server, context.home.controlSocket);
      process.stdout.write(`${banner(service)}\n`);
      return service;
    },
  };
}
