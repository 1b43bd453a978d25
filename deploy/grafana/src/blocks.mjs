// What is blocked, and whether it holds on the hosts.
import { dashboard } from './dashboard.mjs';
import { bars, graph, number, table } from './panels.mjs';
import { countOverTime, latest, metric, top } from './queries.mjs';

export function blocksDashboard() {
  return dashboard(
    {
      uid: 'blocks',
      title: 'blocks and enforcement',
      description: 'Blocks as decided, and what the firewalls of the hosts make of them.',
      from: 'now-7d',
      refresh: '1m',
    },
    {
      Decided: [
        number('Active', 'Blocks in force.', latest('max(fleetwall_blocks_active)')),
        number('Held', 'Decided, and held back as a possible mistype.', latest('max(fleetwall_blocks_held)')),
        number(
          'Refused today',
          'By what must stay reachable, or for want of room.',
          latest('sum(increase(fleetwall_blocks_refused[1d]))'),
          {
            warnAt: 1,
          },
        ),
        number(
          'Rules run wild',
          'Rules whose blocks fell back to the hosts that saw it.',
          latest('max(fleetwall_response_breaker_open)'),
          {
            badAt: 1,
          },
        ),
        bars('Blocks', 'By state, at the time they were decided.', [countOverTime('blocks', '*', { by: 'state' })]),
        bars('Scope', 'Where blocks are meant to hold.', [countOverTime('blocks', '*', { by: 'scope' })]),
        table('Blocked', 'Targets of active blocks.', top('blocks', 'state:active', 'target')),
        table('Scopes of active blocks', 'The fleet, a tenant, a host.', top('blocks', 'state:active', 'scope')),
        graph('Refused', 'Blocks that were decided and not made, by the reason.', [
          metric('max by (reason) (fleetwall_blocks_refused)', '{{reason}}'),
        ]),
      ],
      'Enforced by the hosts that Prometheus reaches': [
        graph('In force', 'Elements in the kernel, of the entries that are meant for the host.', [
          metric('sum(fleetwall_firewall_in_force)', 'in force'),
          metric('sum(fleetwall_firewall_entries)', 'meant'),
        ]),
        graph('Not enforced', 'Refused or without effect, by host.', [
          metric('fleetwall_firewall_exceptions > 0', '{{instance}}'),
        ]),
        graph(
          'Dropped',
          'Packets a second, by host.',
          [metric('topk(10, rate(fleetwall_firewall_dropped_packets[$__rate_interval]))', '{{instance}}')],
          { unit: 'ops' },
        ),
      ],
    },
  );
}
