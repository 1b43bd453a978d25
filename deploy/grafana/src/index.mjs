import { attacksDashboard } from './attacks.mjs';
import { pipelineDashboard } from './pipeline.mjs';

/** All dashboards: the name of the file, and what Grafana reads. */
export const DASHBOARDS = {
  'pipeline.json': pipelineDashboard(),
  'attacks.json': attacksDashboard(),
};
