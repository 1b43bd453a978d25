// The first look: are we under attack, does the defence hold?
import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { bars, graph, number, table } from './panels.mjs';
import { countOverTime, FAILED, latest, metric, top } from './queries.mjs';

export function fleetDashboard() {
  return new DashboardBuilder('Fleetwall: fleet')
    .uid('fleetwall-fleet')
    .description('The fleet at a glance: attacks, blocks, hosts that need somebody.')
    .tags(['fleetwall'])
    .readonly()
    .time({ from: 'now-24h', to: 'now' })
    .timezone('browser')
    .refresh('1m')
    .withRow(new RowBuilder('Now'))
    .withPanel(number('Collectors', 'Connected to the gateways.', latest('sum(fleetwall_connections_connections)', '')))
    .withPanel(
      number(
        'Armed hosts',
        'Hosts that enforce, of those that Prometheus reaches.',
        latest('sum(fleetwall_firewall_armed)', ''),
      ),
    )
    .withPanel(
      number('Active blocks', 'Addresses and networks that are blocked.', latest('max(fleetwall_blocks_active)', '')),
    )
    .withPanel(
      number(
        'Not enforced',
        'Blocks that some host refused or that cannot bite there, summed over hosts.',
        latest('sum(fleetwall_firewall_exceptions)', ''),
        { warnAt: 1, badAt: 100 },
      ),
    )
    .withPanel(
      number(
        'Packets dropped today',
        'By the firewalls of the hosts that Prometheus reaches.',
        latest('sum(increase(fleetwall_firewall_dropped_packets[1d]))', ''),
      ),
    )
    .withPanel(
      number('Slowest matching', 'Event-time lag of the last batch.', latest('max(fleetwall_correlation_lag_ms)', ''), {
        unit: 'ms',
        warnAt: 60_000,
        badAt: 600_000,
      }),
    )
    .withRow(new RowBuilder('Attacks and answers'))
    .withPanel(bars('Failed logons', 'All hosts.', [countOverTime('events', FAILED, { alias: 'failed' })], { span: 8 }))
    .withPanel(
      bars('Alerts', 'By level, at the time of their last change.', [countOverTime('alerts', '*', { by: 'level' })], {
        span: 8,
      }),
    )
    .withPanel(
      graph(
        'Packets dropped',
        'A second, by all hosts that Prometheus reaches.',
        [metric('sum(rate(fleetwall_firewall_dropped_packets[$__rate_interval]))', 'dropped')],
        { unit: 'ops' },
      ),
    )
    .withRow(new RowBuilder('Most'))
    .withPanel(table('Hosts', 'Where most logons failed.', top('events', FAILED, 'host.name')))
    .withPanel(table('Rules', 'With the most alerts.', top('alerts', '*', 'rule')))
    .withPanel(table('Tenants', 'With the most alerts.', top('alerts', '*', 'tenant')))
    .build();
}
