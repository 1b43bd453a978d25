import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './compose-file.js';

export interface Target {
  datasource: { type: string; uid: string };
  refId: string;
  /** Of Prometheus. */
  expr?: string;
  /** Of Elasticsearch. */
  query?: string;
  timeField?: string;
  metrics?: { id: string; type: string }[];
  bucketAggs?: BucketAgg[];
}

interface BucketAgg {
  id: string;
  type: 'terms' | 'date_histogram';
  field: string;
  settings: { interval?: string; size?: string; min_doc_count?: string; order?: string };
}

export interface Dashboard {
  uid: string;
  title: string;
  panels: { type: string; title: string; description?: string; targets?: Target[] }[];
}

/** What deploy/grafana/provisioning names as sources. */
export interface DataSource {
  uid: string;
  type: string;
  url: string;
  jsonData: { index?: string; timeField?: string };
}

/** A file of deploy/, JSON or YAML. */
export function readDeployed<T>(path: string): T {
  return parse(readFileSync(join(ROOT, 'deploy', path), 'utf8'), { merge: true }) as T;
}

export const readDashboard = (name: string) => readDeployed<Dashboard>(`grafana/dashboards/${name}`);

export function readDataSources(): DataSource[] {
  return readDeployed<{ datasources: DataSource[] }>('grafana/provisioning/datasources/fleetwall.yml').datasources;
}

export function targetsOf({ panels }: Dashboard): Target[] {
  return panels.flatMap(({ targets = [] }) => targets);
}

/** Names of metrics in an expression of Prometheus: its functions and labels have no such names. */
export function metricsIn(expression: string): string[] {
  return [...new Set(expression.match(/\b(?:(?:fleetwall|process|nodejs)_\w+|up)\b/g))];
}

/** The search that Grafana makes of a query (its pkg/tsdb/elasticsearch: a range, a query string, nested aggregations). */
export function searchOf(target: Target, fromMs: number, toMs: number): object {
  const { timeField = '', query = '', bucketAggs = [] } = target;
  const range = { [timeField]: { gte: fromMs, lte: toMs, format: 'epoch_millis' } };
  const filter = [{ range }, { query_string: { analyze_wildcard: true, query } }];
  const aggs = bucketAggs.reduceRight<object>((inner, agg) => {
    const own = agg.type === 'terms' ? termsOf(agg) : histogramOf(agg, fromMs, toMs);
    return { [agg.id]: { ...own, ...(Object.keys(inner).length > 0 && { aggs: inner }) } };
  }, {});
  return { size: 0, query: { bool: { filter } }, aggs };
}

function termsOf({ field, settings }: BucketAgg) {
  return { terms: { field, size: Number(settings.size), order: { _count: settings.order }, min_doc_count: 1 } };
}

function histogramOf({ field }: BucketAgg, min: number, max: number) {
  const bounds = { extended_bounds: { min, max } };
  return { date_histogram: { field, fixed_interval: '60s', min_doc_count: 0, format: 'epoch_millis', ...bounds } };
}
