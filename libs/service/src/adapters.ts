import { type Config, readOptionFile, readSecret } from '@fleetwall/config';
import { type Bus, type EventStore, FleetwallError, type Registry } from '@fleetwall/core';
import { createKafkaBus, type KafkaConnection } from '@fleetwall/kafka';
import { serviceError } from './errors.js';
import type { ServiceContext } from './run-service.js';

/** The log that the configuration names: Kafka, or files of this process. */
export async function openBus(context: ServiceContext): Promise<Bus> {
  const { config, home, log, name, onError, consumers } = context;
  if (config.kafka) {
    const { replicationFactor, sessionTimeoutMs } = config.kafka;
    const connection = kafkaConnectionOf(config.kafka, `fleetwall-${name}`);
    const onLog: KafkaConnection['onLog'] = ({ level, message }) => log[level](message);
    return consumers.over(await createKafkaBus({ ...connection, replicationFactor, sessionTimeoutMs, onLog }));
  }
  const { createEmbeddedBus } = await import('@fleetwall/embedded');
  try {
    return consumers.over(
      await createEmbeddedBus({
        directory: home.bus,
        onReport: (report) => log.warn(report, 'the log gave something up'),
        onError,
      }),
    );
  } catch (error) {
    if (error instanceof FleetwallError && error.code === 'LOG_LOCKED')
      throw serviceError('ALREADY_RUNNING', { home: home.directory }, { cause: error });
    throw error;
  }
}

/** Where events are kept. */
export async function openEventStore({ config, home, log }: ServiceContext): Promise<EventStore> {
  const { createDuckDbEventStore } = await import('@fleetwall/embedded');
  return createDuckDbEventStore({
    directory: home.events,
    memoryLimitMb: config.store.memoryLimitMb,
    onDamaged: (error) => log.error({ err: error }, 'a day of events was set aside'),
  });
}

/** Where lists and settings are kept. */
export async function openRegistry({ home }: ServiceContext): Promise<Registry> {
  const { createLmdbRegistry } = await import('@fleetwall/embedded');
  return createLmdbRegistry({ directory: home.registry });
}

/** Where the brokers are and how to speak to them. */
export function kafkaConnectionOf(kafka: NonNullable<Config['kafka']>, clientId: string): KafkaConnection {
  const { brokers, tls, sasl } = kafka;
  const pem = (option: string, path: string | undefined) =>
    path === undefined ? undefined : readOptionFile(`kafka.tls.${option}`, path);
  const ssl = tls.enabled && {
    ca: pem('caFile', tls.caFile),
    cert: pem('certFile', tls.certFile),
    key: pem('keyFile', tls.keyFile),
  };
  const password = readSecret('kafka.sasl.passwordFile', sasl?.password, sasl?.passwordFile) ?? '';
  return {
    brokers,
    clientId,
    ...(ssl ? { ssl } : {}),
    ...(sasl
      ? { sasl: { mechanism: sasl.mechanism, username: sasl.username, password } as KafkaConnection['sasl'] }
      : {}),
  };
}

/** A service by itself needs what its configuration does not name. */
export function requireSections(context: ServiceContext, ...sections: ('kafka' | 'elasticsearch')[]): void {
  for (const section of sections) {
    if (!context.config[section]) throw serviceError('CLUSTER_INCOMPLETE', { service: context.name, section });
  }
}
