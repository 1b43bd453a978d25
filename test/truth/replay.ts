import { openReplayFiles, ReplayEngine, type ReplayReport, reportOf } from '@fleetwall/cli';
import { readYamlFiles } from '@fleetwall/config';
import { loadRules } from '@fleetwall/detection';
import { loadPolicies } from '@fleetwall/response';

/** The shipped rules and policies over the files, as `fleetwall replay --json` reports. */
export async function replayFiles(paths: readonly string[]): Promise<ReplayReport> {
  const rules = loadRules(await readYamlFiles('rules'));
  const policies = loadPolicies(await readYamlFiles('policies'));
  const { files } = openReplayFiles(paths);
  const result = await new ReplayEngine({ rules, policies, zone: 'UTC', fromYear: 2026 }).run(files);
  return reportOf(result, files);
}
