// The hosts: who reads, who sends, who cannot protect itself. Needs a job of Prometheus with the addresses of collectors.
import { dashboard } from './dashboard.mjs';
import { bars, graph, number, table } from './panels.mjs';
import { countOverTime, FAILED, latest, metric, perSecond, top } from './queries.mjs';

const perHost = (name) => `topk(20, rate(${name}[$__rate_interval]))`;

export function hostsDashboard() {
  return dashboard(
    {
      uid: 'hosts',
      title: 'hosts',
      description: 'Collectors: what they read and send, their firewalls, and what they lost.',
      from: 'now-6h',
      refresh: '30s',
    },
    {
      Now: [
        number('Connected', 'Collectors that say that their uplink stands.', latest('sum(fleetwall_uplink_connected)')),
        number(
          'Not connected',
          'Collectors that Prometheus reaches and the gateway does not.',
          latest('count(fleetwall_uplink_connected == 0) or vector(0)'),
          {
            badAt: 1,
          },
        ),
        number('Not armed', 'Hosts that only report.', latest('count(fleetwall_firewall_armed == 0) or vector(0)'), {
          warnAt: 1,
        }),
        number(
          'Bytes lost today',
          'Of logs that went away before they were read.',
          latest('sum(increase(fleetwall_input_lost_bytes[1d]))'),
          {
            unit: 'bytes',
            warnAt: 1,
          },
        ),
      ],
      Reading: [
        graph('Lines', 'A second, by host.', [metric(perHost('fleetwall_collector_lines'), '{{instance}}')], {
          unit: 'ops',
        }),
        graph('Events', 'A second, by host.', [metric(perHost('fleetwall_collector_events'), '{{instance}}')], {
          unit: 'ops',
        }),
        graph(
          'Read and not sent',
          'Batches that could not be sent and are kept, a second, by host.',
          [metric(perHost('fleetwall_collector_send_failures'), '{{instance}}')],
          { unit: 'ops' },
        ),
        graph('Lost or cut', 'Bytes lost, bytes skipped, lines cut, a second.', [
          perSecond('fleetwall_input_lost_bytes', 'lost bytes'),
          perSecond('fleetwall_input_skipped_bytes', 'skipped bytes'),
          perSecond('fleetwall_input_truncated_lines', 'cut lines'),
        ]),
        graph('Open files', 'Logs that are followed, by host.', [
          metric('topk(20, fleetwall_input_open_files)', '{{instance}}'),
        ]),
        graph(
          'Uplink',
          'Connections made and lost, a second.',
          [perSecond('fleetwall_uplink_connects', 'made'), perSecond('fleetwall_uplink_failures', 'failed')],
          { unit: 'ops' },
        ),
      ],
      Told: [
        bars('Events', 'By host, as stored.', [countOverTime('events', '*', { by: 'host.name' })]),
        table('Attacked', 'Where most logons failed.', top('events', FAILED, 'host.name'), { span: 6 }),
        table('Sources of events', 'Programs that tell most.', top('events', '*', 'event.module'), { span: 6 }),
      ],
    },
  );
}
