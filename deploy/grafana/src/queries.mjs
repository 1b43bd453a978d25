// What panels ask: Prometheus for how the pipelines do, Elasticsearch for what they found.
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';

/** Data sources by their uid in provisioning/datasources/fleetwall.yml. */
export const SOURCES = {
  prometheus: { type: 'prometheus', uid: 'fleetwall-prometheus' },
  events: { type: 'elasticsearch', uid: 'fleetwall-events' },
  alerts: { type: 'elasticsearch', uid: 'fleetwall-alerts' },
  blocks: { type: 'elasticsearch', uid: 'fleetwall-blocks' },
};

/** Logons that failed, as Elasticsearch is asked for them. */
export const FAILED = 'event.category:authentication AND event.outcome:failure';

/** Field by which each source of Elasticsearch is cut to the time that is shown. */
const TIME_FIELDS = { events: '@timestamp', alerts: 'lastMs', blocks: 'atMs' };

/** An expression of Prometheus over time; `legend` may name labels: `{{topic}}`. */
export function metric(expression, legend) {
  return new DataqueryBuilder().datasource(SOURCES.prometheus).expr(expression).legendFormat(legend).range();
}

/** By how much a counter grows a second, over time, summed over all that have it. */
export function perSecond(counter, legend) {
  return metric(`sum(rate(${counter}[$__rate_interval]))`, legend);
}

/** The latest value of an expression. */
export function latest(expression) {
  return new DataqueryBuilder().datasource(SOURCES.prometheus).expr(expression).legendFormat('').instant();
}

/** How many documents match a Lucene query, over time; with `by`, a series for each of the ten most frequent values. */
export function countOverTime(source, query, { by, alias = '' } = {}) {
  const overTime = {
    type: 'date_histogram',
    id: '2',
    field: TIME_FIELDS[source],
    settings: { interval: 'auto', min_doc_count: '0' },
  };
  return search(source, query, [...(by ? [mostFrequent(by, 10)] : []), overTime], alias);
}

/** The most frequent values of a field, most frequent first. */
export function top(source, query, field, size = 10) {
  return search(source, query, [mostFrequent(field, size)], '');
}

function mostFrequent(field, size) {
  // Ordered by the metric with id 1, which counts documents.
  return {
    type: 'terms',
    id: '3',
    field,
    settings: { size: String(size), order: 'desc', orderBy: '_count', min_doc_count: '1' },
  };
}

/** A plain object: the builders of the SDK write metrics of an unknown type. */
function search(source, query, bucketAggs, alias) {
  const built = {
    datasource: SOURCES[source],
    refId: '',
    query,
    alias,
    timeField: TIME_FIELDS[source],
    metrics: [{ id: '1', type: 'count' }],
    bucketAggs,
  };
  return { build: () => built };
}
