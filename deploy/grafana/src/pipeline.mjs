// How the pipelines do: what flows, what waits, what is given up.
import { dashboard } from './dashboard.mjs';
import { graph, number } from './panels.mjs';
import { latest, metric, perSecond } from './queries.mjs';

export function pipelineDashboard() {
  return dashboard(
    {
      uid: 'pipeline',
      title: 'pipeline',
      description: 'From the lines that collectors send to the blocks that hosts enforce.',
      from: 'now-3h',
      refresh: '30s',
    },
    {
      Now: [
        number('Services up', 'Processes that Prometheus reaches.', latest('sum(up{job="fleetwall"})'), {
          badBelow: 1,
        }),
        number(
          'Deciding',
          'Response services that decide about blocks: always one.',
          latest('sum(fleetwall_response_active)'),
          { badBelow: 1 },
        ),
        number('Collectors', 'Connected to the gateways.', latest('sum(fleetwall_connections_connections)')),
        number('Active blocks', 'Addresses and networks that are blocked.', latest('max(fleetwall_blocks_active)')),
        number('Waiting records', 'Records that consumers have before them.', latest('sum(fleetwall_consumer_lag)'), {
          warnAt: 10_000,
          badAt: 100_000,
        }),
        number(
          'Dead letters today',
          'Records that nothing can be made of, kept in fleetwall.dead-letter with the reason.',
          latest('sum(increase(fleetwall_indexer_dead_letters[1d]))'),
          { warnAt: 1, badAt: 1_000 },
        ),
      ],
      Flow: [
        graph(
          'Events',
          'Received from collectors, matched against rules, stored.',
          [
            perSecond('fleetwall_gateway_events', 'received'),
            perSecond('fleetwall_correlation_events', 'matched'),
            perSecond('fleetwall_indexer_created', 'stored'),
          ],
          { unit: 'ops' },
        ),
        graph(
          'Event-time lag',
          'Between the time an event bears and its matching, of the last batch.',
          [metric('max(fleetwall_correlation_lag_ms)', 'most'), metric('min(fleetwall_correlation_lag_ms)', 'least')],
          { unit: 'ms' },
        ),
        graph('Consumer lag', 'Records that each group of consumers has before it.', [
          metric('sum by (group, topic) (fleetwall_consumer_lag)', '{{group}} {{topic}}'),
        ]),
      ],
      'Given up': [
        graph(
          'Dead letters',
          'Records that the indexer could not store, and those of them that a quota kept out.',
          [
            perSecond('fleetwall_indexer_dead_letters', 'dead letters'),
            perSecond('fleetwall_bulk_retried', 'bulk items sent again'),
            perSecond('fleetwall_bulk_failures', 'bulk calls given up'),
            perSecond('fleetwall_indexer_over_quota', 'over quota'),
          ],
          { unit: 'ops' },
        ),
        graph(
          'Not readable',
          'Records that are no events, blocks or observations.',
          [
            perSecond('fleetwall_gateway_undecodable', 'gateway'),
            perSecond('fleetwall_correlation_undecodable', 'events'),
            perSecond('fleetwall_partition_undecodable', 'observations'),
          ],
          { unit: 'ops' },
        ),
        graph(
          'Sent again',
          'What came twice and changed nothing.',
          [
            perSecond('fleetwall_indexer_duplicates', 'events'),
            perSecond('fleetwall_response_repeated_alerts', 'alerts'),
          ],
          { unit: 'ops' },
        ),
      ],
      Counting: [
        graph('Keys', 'Addresses, users and hosts that are counted, by rule.', [
          metric('sum by (rule) (fleetwall_windows_keys)', '{{rule}}'),
        ]),
        graph('Memory of the windows', 'By rule.', [metric('sum by (rule) (fleetwall_windows_bytes)', '{{rule}}')], {
          unit: 'bytes',
        }),
        graph(
          'Evictions',
          'Keys forgotten for want of memory: seen once, and others. Attempts beyond what one key keeps.',
          [
            perSecond('fleetwall_windows_evicted_one_shot', 'seen once'),
            perSecond('fleetwall_windows_evicted_other', 'others'),
            perSecond('fleetwall_windows_dropped', 'attempts'),
          ],
          { unit: 'ops' },
        ),
        graph(
          'Restore time',
          'From the assignment of a partition until everything committed was counted again.',
          [metric('max(fleetwall_partition_restore_ms)', 'slowest partition')],
          { unit: 'ms' },
        ),
        graph(
          'Age of snapshots',
          'Of the partition that was saved longest ago.',
          [metric('time() - min(fleetwall_partition_snapshot_at_ms > 0) / 1000', 'oldest')],
          { unit: 's' },
        ),
        graph(
          'Alerts',
          'New alerts and changes of alerts.',
          [
            perSecond('fleetwall_correlation_alert_changes', 'changes'),
            perSecond('fleetwall_windows_forgiven', 'forgiven'),
          ],
          { unit: 'ops' },
        ),
      ],
      Response: [
        graph('Blocks', 'In force, and decided but held back.', [
          metric('max(fleetwall_blocks_active)', 'active'),
          metric('max(fleetwall_blocks_held)', 'held'),
        ]),
        graph('Who decides', 'One instance decides, the others stand by.', [
          metric('fleetwall_response_active', '{{instance}}'),
        ]),
        graph(
          'Brakes',
          'Times that a rule ran wild, and that a host said too much: blocking fell back to the hosts that saw it.',
          [
            metric('max(fleetwall_response_breaker_open)', 'rules'),
            metric('max(fleetwall_response_over_budget)', 'hosts'),
          ],
        ),
        graph(
          'Not blocked',
          'Blocks that were decided and not made, by the reason: what must stay reachable, and no room.',
          [metric('max(fleetwall_blocks_refused) by (reason)', '{{reason}}')],
        ),
      ],
      Gateway: [
        graph('Connections', 'Collectors connected, by gateway.', [
          metric('fleetwall_connections_connections', '{{instance}}'),
        ]),
        graph(
          'Refused',
          'Connections refused, and why.',
          [
            perSecond('fleetwall_connections_refused_credentials', 'credential'),
            perSecond('fleetwall_connections_refused_versions', 'version'),
            perSecond('fleetwall_connections_dropped_rate', 'too fast'),
            perSecond('fleetwall_connections_dropped_full', 'too many'),
            perSecond('fleetwall_connections_tls_errors', 'TLS'),
            perSecond('fleetwall_connections_cloned', 'credential in use'),
          ],
          { unit: 'ops' },
        ),
        graph('Not durable', 'Batches that could not be published and are sent again; bytes on their way.', [
          perSecond('fleetwall_connections_failed_publishes', 'failed a second'),
          metric('sum(fleetwall_connections_bytes_under_way)', 'bytes'),
        ]),
      ],
      Processes: [
        graph(
          'Memory',
          'Resident.',
          [metric('process_resident_memory_bytes{job="fleetwall"}', '{{service}} {{instance}}')],
          {
            unit: 'bytes',
          },
        ),
        graph('Processor', 'Cores used.', [
          metric('rate(process_cpu_seconds_total{job="fleetwall"}[$__rate_interval])', '{{service}} {{instance}}'),
        ]),
        graph(
          'Event loop',
          'Longest delays (99th percentile).',
          [metric('nodejs_eventloop_lag_p99_seconds{job="fleetwall"}', '{{service}} {{instance}}')],
          { unit: 's' },
        ),
      ],
    },
  );
}
