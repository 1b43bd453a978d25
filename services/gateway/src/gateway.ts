import { hash } from 'node:crypto';
import { NameMask } from '@fleetwall/assembly';
import { readNameKey } from '@fleetwall/config';
import { countedOf, ingestSpecs, topicSpecs } from '@fleetwall/core';
import { openBus, requireSections, type Service, type ServiceContext } from '@fleetwall/service';
import { CredentialFile } from './credentials/credential-file.js';
import { GatewayModule } from './gateway.module.js';
import { IngestPipeline } from './ingest/ingest-pipeline.js';
import { GatewayPipeline } from './pipeline.js';
import { GatewayServer } from './server/gateway-server.js';
import { CertificateWatch, type CertificateWatchOptions } from './tls/certificate-watch.js';

/** The gateway as a process of its own: collectors connect to any of them. */
export async function gateway(context: ServiceContext): Promise<Service> {
  const { kafka } = requireSections(context, 'kafka');
  const { config, home, log, consumers, troubles, onError } = context;
  home.create();
  const nameKey = readNameKey(config, home);
  const names = new NameMask(nameKey);
  // Tells gateways with different keys apart: one account would count as several.
  const keyFingerprint = Number.parseInt(hash('sha256', nameKey, 'hex').slice(0, 12), 16);
  const bus = await openBus(context);
  const principals = config.gateway.ingest.map(({ principal }) => principal);
  await bus.declare([
    ...topicSpecs(kafka.partitions, config.store.retention),
    ...ingestSpecs(principals, kafka.partitions),
  ]);
  const tls = await CertificateWatch.open({ source: certificateSource(context), clock: Date.now, onError });
  const credentials = await CredentialFile.open({
    path: config.gateway.credentialsFile ?? home.credentials,
    onRead: ({ credentials: count, repeated }) => log.info({ credentials: count, repeated }, 'credentials were read'),
    onError: (error) => log.error({ err: error, hint: error.hint }, error.message),
  });
  return {
    module: GatewayModule.register({ bus, clock: Date.now, names }),
    start: async ({ app }) => {
      const pipeline: GatewayPipeline = app.get(GatewayPipeline);
      await pipeline.start();
      const { host, port, maxConnections } = config.gateway;
      const server = await GatewayServer.listen({
        ...(host !== undefined && { host }),
        ...{ port, tls, credentials, pipeline, nameKey, onError },
        clock: Date.now,
        limits: { connections: maxConnections },
        onNotice: (notice) => log.warn(notice, notice.message),
      });
      const { ingest: sources } = config.gateway;
      const ingest = new IngestPipeline({ bus, clock: Date.now, sources, names, idKey: nameKey, onError });
      await ingest.start();
      log.info({ port: server.port, pin: `sha256/${server.pin}` }, 'collectors may connect');
      return {
        stop: async () => {
          await Promise.all([server.stop(), ingest.stop()]);
          await pipeline.stop();
          await Promise.all([credentials.close(), tls.close()]);
          await bus.close();
        },
        problems: () => [...consumers.problems(), ...troubles.standing()],
        numbers: async () => [
          ...countedOf('gateway', 'Gateway', pipeline.stats, []),
          ...countedOf('connections', 'Connections of collectors', server.stats, ['connections', 'bytesUnderWay']),
          ...countedOf('ingest', 'Ingest', ingest.stats, []),
          ...countedOf('names', 'Names of accounts', { ...names.stats, keyFingerprint }, ['keyFingerprint']),
          ...(await consumers.lags(bus)),
        ],
      };
    },
  };
}

/** The operator's certificate, or one that the gateway makes for itself. */
function certificateSource({ config, home }: ServiceContext): CertificateWatchOptions['source'] {
  const { certFile, keyFile } = config.gateway.tls;
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : { home: home.tls };
}
