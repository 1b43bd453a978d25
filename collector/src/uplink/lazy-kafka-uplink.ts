import { type Config, kafkaConnectionOf } from '@fleetwall/config';
import type { Bus } from '@fleetwall/core';
import type { Uplink } from '@fleetwall/protocol';
import { collectorError } from '../errors.js';
import type { UplinkNotice } from './gateway-uplink.js';
import { connectKafkaUplink } from './kafka-uplink.js';

export interface LazyKafkaUplinkOptions {
  config: Config;
  host: string;
  /** The way for blocks and reports. */
  control: Uplink;
  onNotice: (notice: UplinkNotice) => void;
}

interface Opened {
  bus: Bus;
  uplink: Uplink;
}

/**
 * Events straight to Kafka. It is opened when the first of them are to be sent, and again after a failure to open: what is
 * to be blocked does not wait for brokers. Throws PRINCIPAL_MISSING and CLUSTER_INCOMPLETE at once.
 */
export function lazyKafkaUplink({ config, host, control, onNotice }: LazyKafkaUplinkOptions): Uplink {
  const { kafka } = config;
  const principal = config.collector.uplink?.principal ?? kafka?.sasl?.username;
  if (kafka === undefined) throw collectorError('BROKERS_MISSING');
  if (principal === undefined) throw collectorError('PRINCIPAL_MISSING');
  const open = async (): Promise<Opened> => {
    const { createKafkaBus } = await import('@fleetwall/kafka');
    const bus = await createKafkaBus({ ...kafkaConnectionOf(kafka), clientId: `fleetwall-collector-${host}` });
    const onTooLarge = ({ message, hint }: Error & { hint: string }) =>
      onNotice({ action: 'event-too-large', message, hint });
    try {
      return { bus, uplink: await connectKafkaUplink({ bus, principal, host, control, onTooLarge }) };
    } catch (error) {
      await bus.close();
      throw error;
    }
  };
  let opened: Promise<Opened> | undefined;
  return {
    send: async (batch) => {
      opened ??= open();
      const opening = opened;
      opening.catch(() => {
        opened = undefined;
      });
      await (await opening).uplink.send(batch);
    },
    onBlocks: (listener) => control.onBlocks(listener),
    report: (enforcement) => control.report(enforcement),
    close: async () => {
      await (await opened?.catch(() => undefined))?.bus.close();
      await control.close();
    },
  };
}
