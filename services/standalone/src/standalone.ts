import { listenOnControlSocket, type Service, type ServiceContext } from '@fleetwall/service';
import { AppModule } from './app.module.js';
import { banner } from './banner.js';
import { layFoundation } from './compose.js';
import { StandaloneService } from './standalone.service.js';

/** Everything in one process. */
export async function standalone(context: ServiceContext): Promise<Service> {
  const foundation = await layFoundation(context);
  let service: StandaloneService | undefined;
  return {
    module: AppModule.register(foundation),
    start: async ({ app, server, address }) => {
      const started = app.get(StandaloneService);
      service = started;
      started.http = address;
      await started.start();
      started.control = await listenOnControlSocket(server, context.home.controlSocket);
      process.stdout.write(`${banner(started)}\n`);
    },
    stop: async () => service?.stop(),
    problems: () => service?.problems() ?? [],
    numbers: async () => service?.numbers() ?? [],
  };
}
