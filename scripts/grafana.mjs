// Writes the dashboards that Grafana is provisioned with, deploy/grafana/dashboards, from their source in
// deploy/grafana/src. A test compares them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DASHBOARDS } from '../deploy/grafana/src/index.mjs';
import { ROOT } from './setup.mjs';

const directory = join(ROOT, 'deploy/grafana/dashboards');
mkdirSync(directory, { recursive: true });
for (const [name, dashboard] of Object.entries(DASHBOARDS))
  writeFileSync(join(directory, name), JSON.stringify(dashboard, null, 2));
const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
const { status } = spawnSync(process.execPath, [biome, 'format', '--write', directory], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
