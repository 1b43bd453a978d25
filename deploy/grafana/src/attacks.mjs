// What was found: attacks over time, who, against whom, and what was done about it.
import { dashboard } from './dashboard.mjs';
import { bars, table } from './panels.mjs';
import { countOverTime, FAILED, top } from './queries.mjs';

const SUCCEEDED = 'event.category:authentication AND event.outcome:success';

export function attacksDashboard() {
  return dashboard(
    {
      uid: 'attacks',
      title: 'attacks',
      description: 'Logons that failed, alerts and blocks, as stored in Elasticsearch.',
      from: 'now-24h',
      refresh: '1m',
    },
    {
      'Over time': [
        bars('Failed logons', 'By host.', [countOverTime('events', FAILED, { by: 'host.name' })]),
        bars('Logons', 'Failed and successful.', [
          countOverTime('events', FAILED, { alias: 'failed' }),
          countOverTime('events', SUCCEEDED, { alias: 'successful' }),
        ]),
        bars('Alerts', 'By rule, at the time of their last change.', [countOverTime('alerts', '*', { by: 'rule' })]),
        bars('Blocks', 'By state, at the time they were decided.', [countOverTime('blocks', '*', { by: 'state' })]),
      ],
      Most: [
        table('Sources', 'Addresses with the most failed logons.', top('events', FAILED, 'source.ip')),
        table('Users', 'Names that were tried most.', top('events', FAILED, 'user.name')),
        table('Hosts', 'Where most logons failed.', top('events', FAILED, 'host.name')),
        table('Rules', 'With the most alerts.', top('alerts', '*', 'rule')),
        table('Attackers', 'Addresses and users that most alerts are about.', top('alerts', '*', 'values')),
        table('Blocked', 'Targets of active blocks.', top('blocks', 'state:active', 'target')),
      ],
    },
  );
}
