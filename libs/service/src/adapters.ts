import { type Config, kafkaConnectionOf, readOptionFile, readSecret } from '@fleetwall/config';
import {
  type Bus,
  countedOf,
  type DecisionStore,
  type EventStore,
  FleetwallError,
  type Measured,
  type Registry,
} from '@fleetwall/core';
import type { ElasticsearchConnectionOptions } from '@fleetwall/elasticsearch';
import type { OriginTables } from '@fleetwall/geo';
import { createKafkaBus, type KafkaConnection } from '@fleetwall/kafka';
import { processError } from '@fleetwall/process';
import { serviceError } from './errors.js';
import { patiently } from './patiently.js';
import type { ServiceContext } from './run-service.js';

/** The log that the configuration names: Kafka, or files of this process. */
export async function openBus(context: ServiceContext): Promise<Bus> {
  const { config, home, log, name, onError, consumers } = context;
  if (config.kafka) {
    const { replicationFactor, sessionTimeoutMs } = config.kafka;
    const connection = { ...kafkaConnectionOf(config.kafka), clientId: `fleetwall-${name}` };
    // What a broker answers to a request that is then made again is no failure yet.
    const onLog: KafkaConnection['onLog'] = ({ level, message }) =>
      log[message.startsWith('Connection: Response') ? 'debug' : level](message);
    const options = { ...connection, replicationFactor, sessionTimeoutMs, onLog };
    return consumers.over(await patiently(log, () => createKafkaBus(options)));
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
      throw processError('ALREADY_RUNNING', { home: home.directory }, { cause: error });
    throw error;
  }
}

/** What a store tells of its writing, where it does. */
export function storeNumbers(store: EventStore): Measured[] {
  return 'bulkStats' in store ? countedOf('bulk', 'Bulk writes to Elasticsearch', store.bulkStats as object, []) : [];
}

/**
 * Where events are kept: Elasticsearch, or files of this process.
 *
 * @param onlyReads leaves the templates of Elasticsearch's indices to those who write, and so needs no right to them
 */
export async function openEventStore(
  { config, home, log }: ServiceContext,
  { onlyReads = false } = {},
): Promise<EventStore> {
  if (config.elasticsearch) {
    const { createElasticsearchEventStore } = await import('@fleetwall/elasticsearch');
    const { replicas, bytesPerTenantPerDay } = config.elasticsearch;
    const options = {
      ...elasticsearchConnectionOf(config.elasticsearch),
      replicas,
      createTemplates: !onlyReads,
      ...(bytesPerTenantPerDay === undefined ? {} : { quota: { bytesPerTenantPerDay } }),
    };
    return patiently(log, () => createElasticsearchEventStore(options));
  }
  const { createDuckDbEventStore } = await import('@fleetwall/embedded');
  return createDuckDbEventStore({
    directory: home.events,
    memoryLimitMb: config.store.memoryLimitMb,
    onDamaged: (error) => log.error({ err: error }, 'a day of events was set aside'),
  });
}

/** Where lists and settings are kept: Elasticsearch, with a copy on disk for when it is away, or files of this process. */
export async function openRegistry({ config, home, log, onError }: ServiceContext): Promise<Registry> {
  if (config.elasticsearch) {
    const { createCachedRegistry, createElasticsearchRegistry } = await import('@fleetwall/elasticsearch');
    const registry = createElasticsearchRegistry({ ...elasticsearchConnectionOf(config.elasticsearch), onError });
    const onAway = (error: unknown) =>
      error === undefined
        ? log.info('the registry is back')
        : log.warn({ err: error }, 'the registry is away: its last copy on this disk counts');
    return createCachedRegistry({ registry, directory: home.registryCopy, onAway });
  }
  const { createLmdbRegistry } = await import('@fleetwall/embedded');
  return createLmdbRegistry({ directory: home.registry });
}

/** Where the latest state of alerts and blocks is kept for search. */
export async function openDecisionStore({ config, home, log }: ServiceContext): Promise<DecisionStore> {
  if (config.elasticsearch) {
    const { createElasticsearchDecisionStore } = await import('@fleetwall/elasticsearch');
    const options = elasticsearchConnectionOf(config.elasticsearch);
    return patiently(log, () => createElasticsearchDecisionStore(options));
  }
  const { createLmdbDecisionStore } = await import('@fleetwall/embedded');
  return createLmdbDecisionStore({ directory: home.decisions });
}

/** Where addresses are from. What cannot be read is told of; everything else works without. */
export async function openOrigins({ config, log }: ServiceContext): Promise<OriginTables> {
  const { OriginTables } = await import('@fleetwall/geo');
  const { databases, shipped } = config.geo;
  return OriginTables.open({
    databases,
    isShippedUsed: shipped,
    onError: (error) => log.error({ err: error }, 'a table of addresses cannot be used'),
  });
}

/** The sections that a service by itself cannot do without. Throws CLUSTER_INCOMPLETE. */
export function requireSections<S extends 'kafka' | 'elasticsearch'>(
  { name, config }: ServiceContext,
  ...sections: S[]
): { [K in S]: NonNullable<Config[K]> } {
  for (const section of sections) {
    if (!config[section]) throw serviceError('CLUSTER_INCOMPLETE', { service: name, section });
  }
  return config as { [K in S]: NonNullable<Config[K]> };
}

function elasticsearchConnectionOf(options: NonNullable<Config['elasticsearch']>): ElasticsearchConnectionOptions {
  const { nodes, username } = options;
  const apiKey = readSecret('elasticsearch.apiKeyFile', options.apiKey, options.apiKeyFile);
  const password = readSecret('elasticsearch.passwordFile', options.password, options.passwordFile) ?? '';
  const auth = apiKey === undefined ? username && { username, password } : { apiKey };
  const { caFile } = options;
  return {
    nodes,
    ...(auth ? { auth } : {}),
    ...(caFile === undefined ? {} : { ca: readOptionFile('elasticsearch.caFile', caFile) }),
  };
}
