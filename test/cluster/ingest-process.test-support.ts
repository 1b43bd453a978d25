// A gateway's intake as a process of its own, which is killed between its first publish of events and the commit:
// node … ingest-process.test-support.ts <settings as JSON>.
import type { IngestSource } from '@fleetwall/config';
import { type Bus, TOPICS } from '@fleetwall/core';
import { IngestPipeline } from '@fleetwall/gateway-service';
import { createKafkaBus } from '@fleetwall/kafka';

export interface IngestProcessSettings {
  brokers: string[];
  sources: IngestSource[];
  nowMs: number;
}

const { brokers, sources, nowMs } = JSON.parse(process.argv[2] as string) as IngestProcessSettings;
const bus = await createKafkaBus({ brokers, clientId: 'dying', sessionTimeoutMs: 6_000 });
const publish: Bus['publish'] = async (topic, records) => {
  const positions = await bus.publish(topic, records);
  if (topic === TOPICS.securityEvents) process.kill(process.pid, 'SIGKILL');
  return positions;
};
const pipeline = new IngestPipeline({
  bus: Object.assign(Object.create(bus) as Bus, { publish }),
  clock: () => nowMs,
  idKey: Buffer.alloc(32, 3),
  sources,
  onError: (error) => process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`),
});
await pipeline.start();
process.stdout.write(`${JSON.stringify({ started: true })}\n`);
