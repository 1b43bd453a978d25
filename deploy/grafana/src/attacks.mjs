// What was found: attacks over time, who, against whom, and what was done about it.
import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { bars, table } from './panels.mjs';
import { countOverTime, FAILED, top } from './queries.mjs';

const SUCCEEDED = 'event.category:authentication AND event.outcome:success';

export function attacksDashboard() {
  return new DashboardBuilder('Fleetwall: attacks')
    .uid('fleetwall-attacks')
    .description('Logons that failed, alerts and blocks, as stored in Elasticsearch.')
    .tags(['fleetwall'])
    .readonly()
    .time({ from: 'now-24h', to: 'now' })
    .timezone('browser')
    .refresh('1m')
    .withRow(new RowBuilder('Over time'))
    .withPanel(bars('Failed logons', 'By host.', [countOverTime('events', FAILED, { by: 'host.name' })]))
    .withPanel(
      bars('Logons', 'Failed and successful.', [
        countOverTime('events', FAILED, { alias: 'failed' }),
        countOverTime('events', SUCCEEDED, { alias: 'successful' }),
      ]),
    )
    .withPanel(
      bars('Alerts', 'By rule, at the time of their last change.', [countOverTime('alerts', '*', { by: 'rule' })]),
    )
    .withPanel(
      bars('Blocks', 'By state, at the time they were decided.', [countOverTime('blocks', '*', { by: 'state' })]),
    )
    .withRow(new RowBuilder('Most'))
    .withPanel(table('Sources', 'Addresses with the most failed logons.', top('events', FAILED, 'source.ip')))
    .withPanel(table('Users', 'Names that were tried most.', top('events', FAILED, 'user.name')))
    .withPanel(table('Hosts', 'Where most logons failed.', top('events', FAILED, 'host.name')))
    .withPanel(table('Rules', 'With the most alerts.', top('alerts', '*', 'rule')))
    .withPanel(table('Attackers', 'Addresses and users that most alerts are about.', top('alerts', '*', 'values')))
    .withPanel(table('Blocked', 'Targets of active blocks.', top('blocks', 'state:active', 'target')))
    .build();
}
