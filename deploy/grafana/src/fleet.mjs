// The first look: are we under attack, does the defence hold?
import { dashboard } from './dashboard.mjs';
import { bars, graph, number, table } from './panels.mjs';
import { countOverTime, FAILED, latest, perSecond, top } from './queries.mjs';

export function fleetDashboard() {
  return dashboard(
    {
      uid: 'fleet',
      title: 'fleet',
      description: 'The fleet at a glance: attacks, blocks, hosts that need somebody.',
      from: 'now-24h',
      refresh: '1m',
    },
    {
      Now: [
        number('Collectors', 'Connected to the gateways.', latest('sum(fleetwall_connections_connections)')),
        number(
          'Armed hosts',
          'Hosts that enforce, of those that Prometheus reaches.',
          latest('sum(fleetwall_firewall_armed)'),
        ),
        number('Active blocks', 'Addresses and networks that are blocked.', latest('max(fleetwall_blocks_active)')),
        number(
          'Not enforced',
          'Blocks that some host refused or that cannot bite there, summed over hosts.',
          latest('sum(fleetwall_firewall_exceptions)'),
          { warnAt: 1, badAt: 100 },
        ),
        number(
          'Packets dropped today',
          'By the firewalls of the hosts that Prometheus reaches.',
          latest('sum(increase(fleetwall_firewall_dropped_packets[1d]))'),
        ),
        number('Slowest matching', 'Event-time lag of the last batch.', latest('max(fleetwall_correlation_lag_ms)'), {
          unit: 'ms',
          warnAt: 60_000,
          badAt: 600_000,
        }),
      ],
      'Attacks and answers': [
        bars('Failed logons', 'All hosts.', [countOverTime('events', FAILED, { alias: 'failed' })], { span: 8 }),
        bars('Alerts', 'By level, at the time of their last change.', [countOverTime('alerts', '*', { by: 'level' })], {
          span: 8,
        }),
        graph(
          'Packets dropped',
          'A second, by all hosts that Prometheus reaches.',
          [perSecond('fleetwall_firewall_dropped_packets', 'dropped')],
          { unit: 'ops' },
        ),
      ],
      Most: [
        table('Hosts', 'Where most logons failed.', top('events', FAILED, 'host.name')),
        table('Rules', 'With the most alerts.', top('alerts', '*', 'rule')),
        table('Tenants', 'With the most alerts.', top('alerts', '*', 'tenant')),
      ],
    },
  );
}
