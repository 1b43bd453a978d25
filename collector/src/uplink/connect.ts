import { readFileSync } from 'node:fs';
import { type Config, readOptionFile, readSecret } from '@fleetwall/config';
import { countedOf, type Measured } from '@fleetwall/core';
import type { BlocksPosition, Uplink } from '@fleetwall/protocol';
import { collectorError } from '../errors.js';
import { hostNameOf } from '../host-name.js';
import { connectUplink, type UplinkNotice, type UplinkStatus } from './gateway-uplink.js';
import { lazyKafkaUplink } from './lazy-kafka-uplink.js';

export interface CentreOptions {
  config: Config;
  /** Random, made at each start. */
  instanceId: string;
  /** The blocks that this host holds from before. */
  holds: BlocksPosition;
  /** Where keys that the gateway announces are kept. */
  pinsFile: string;
  onNotice: (notice: UplinkNotice) => void;
  onNameKey: (key: Buffer) => void;
}

/** The way to a centre on other machines, as the configuration says. */
export interface Centre {
  uplink: Uplink;
  status(): UplinkStatus;
  problems(): string[];
  numbers(): Measured[];
  close(): Promise<void>;
}

const { version: VERSION } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Blocks come from the gateway; events go there, or to Kafka. Connects in the background, for ever. */
export async function connectToCentre(options: CentreOptions): Promise<Centre> {
  const { config, instanceId, holds, pinsFile, onNotice, onNameKey } = options;
  const { uplink } = config.collector;
  if (!uplink) throw collectorError('UPLINK_MISSING');
  const { url, pins, caFile, proxy } = uplink;
  const token = readSecret('collector.uplink.tokenFile', uplink.token, uplink.tokenFile);
  if (token === undefined) throw collectorError('UPLINK_TOKEN_MISSING');
  const gateway = connectUplink({
    ...{ url, token, pins, pinsFile, instanceId, holds, onNotice, onNameKey },
    agentVersion: VERSION,
    clock: Date.now,
    ...(caFile !== undefined && { ca: readOptionFile('collector.uplink.caFile', caFile) }),
    ...(proxy !== undefined && { proxy }),
  });
  const isKafka = uplink.events === 'kafka';
  const events = isKafka ? lazyKafkaUplink({ config, host: hostNameOf(config), control: gateway, onNotice }) : gateway;
  return {
    uplink: events,
    status: () => gateway.status(),
    problems: () => problemsOf(gateway.status()),
    numbers: () =>
      countedOf('uplink', 'Uplink', { ...gateway.stats, connected: gateway.status().connected ? 1 : 0 }, ['connected']),
    close: () => events.close(),
  };
}

function problemsOf({ connected, gateway, lastError }: UplinkStatus): string[] {
  if (connected) return [];
  return [`not connected to ${gateway}${lastError ? `: ${lastError.message}` : ''}`];
}
