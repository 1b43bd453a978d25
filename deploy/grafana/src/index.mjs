import { attacksDashboard } from './attacks.mjs';
import { blocksDashboard } from './blocks.mjs';
import { fleetDashboard } from './fleet.mjs';
import { hostsDashboard } from './hosts.mjs';
import { pipelineDashboard } from './pipeline.mjs';

/** All dashboards: the name of the file, and what Grafana reads. */
export const DASHBOARDS = {
  'fleet.json': fleetDashboard(),
  'pipeline.json': pipelineDashboard(),
  'attacks.json': attacksDashboard(),
  'blocks.json': blocksDashboard(),
  'hosts.json': hostsDashboard(),
};
