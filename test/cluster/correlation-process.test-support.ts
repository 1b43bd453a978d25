// One instance of the correlation as a process of its own: node … correlation-process.test-support.ts <settings as JSON>.
// Prints what it holds and has done, a line of JSON at a time; ends on SIGTERM.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readYamlFiles } from '@fleetwall/config';
import { CorrelationPipeline, FileSnapshotStore, TopicSnapshotStore } from '@fleetwall/correlation-service';
import { loadRules } from '@fleetwall/detection';
import { createKafkaBus } from '@fleetwall/kafka';

export interface CorrelationProcessSettings {
  name: string;
  brokers: string[];
  directory: string;
  sessionTimeoutMs: number;
  /** What the clock says, before the file `end` is in the directory and after. */
  beforeMs: number;
  afterMs: number;
}

const settings = JSON.parse(process.argv[2] as string) as CorrelationProcessSettings;
const { name, brokers, directory, sessionTimeoutMs, beforeMs, afterMs } = settings;
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const onError = (error: unknown) => tell({ error: String(error) });
const bus = await createKafkaBus({ brokers, clientId: name, sessionTimeoutMs });
const cache = new FileSnapshotStore(join(directory, name));
const pipeline = new CorrelationPipeline({
  bus,
  clock: () => (existsSync(join(directory, 'end')) ? afterMs : beforeMs),
  rules: loadRules(await readYamlFiles('rules')),
  snapshots: new TopicSnapshotStore({ bus, cache, uploadEveryMs: 2_000, onError }),
  seed: [1, 2, 3],
  maxWindowBytes: 256 << 20,
  snapshotEveryMs: 1_000,
  onError,
  onNotice: (notice) => tell({ notice }),
});
await pipeline.start();
const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();
const telling = setInterval(() => {
  const keys = pipeline.counterStats().flatMap((stats) => Object.values(stats).map((rule) => rule.keys));
  const longestBlockMs = Math.round(delays.max / 1e6);
  tell({ ...pipeline.stats, held: pipeline.partitionStats(), keys: keys.reduce((a, b) => a + b, 0), longestBlockMs });
}, 200);
process.once('SIGTERM', async () => {
  clearInterval(telling);
  await pipeline.stop();
  await bus.close();
});
