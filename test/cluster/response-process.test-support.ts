// One instance of the response service as a process of its own: node … response-process.test-support.ts <settings as JSON>.
// Prints its role and what it has done, a line of JSON at a time; ends on SIGTERM.
import { createKafkaBus } from '@fleetwall/kafka';
import { loadPolicies } from '@fleetwall/response';
import { ResponsePipeline } from '@fleetwall/response-service';
import { createMemoryRegistry } from '../../libs/testkit/src/memory-registry.js';

export interface ResponseProcessSettings {
  name: string;
  brokers: string[];
  sessionTimeoutMs: number;
  policy: string;
}

const { name, brokers, sessionTimeoutMs, policy } = JSON.parse(process.argv[2] as string) as ResponseProcessSettings;
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const bus = await createKafkaBus({ brokers, clientId: name, sessionTimeoutMs });
const pipeline = new ResponsePipeline({
  bus,
  registry: createMemoryRegistry(),
  clock: Date.now,
  policies: loadPolicies([{ path: 'a.yml', text: policy }]),
  tenancy: 'one',
  onError: (error) => tell({ error: String(error) }),
});
await pipeline.start();
const telling = setInterval(() => {
  const blocks = [...pipeline.decider.book.all()];
  tell({ ...pipeline.stats, running: blocks.filter(({ state }) => state === 'active').length });
}, 100);
process.once('SIGTERM', async () => {
  clearInterval(telling);
  await pipeline.stop();
  await bus.close();
});
