import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DASHBOARDS } from '../../deploy/grafana/src/index.mjs';
import { ROOT, readComposeFile } from './compose-file.js';
import { metricsIn, readDashboard, readDataSources, readDeployed, targetsOf } from './grafana.js';

interface AlertRule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

/** What a real scrape of each process holds; test/deploy/cluster-by-hand.test.ts compares and renews it. */
const exposed = JSON.parse(readFileSync(join(ROOT, 'test/deploy/exposed-metrics.json'), 'utf8')) as Record<
  string,
  string[]
>;
const known = new Set(['up', ...Object.values(exposed).flat()]);
const names = Object.keys(DASHBOARDS);
const rules = readDeployed<{ groups: { rules: AlertRule[] }[] }>('prometheus/alerts.yml').groups.flatMap(
  (group) => group.rules,
);
const { services } = readComposeFile();

describe('dashboards', () => {
  it('are all provisioned, and nothing else is', () => {
    expect(readdirSync(join(ROOT, 'deploy/grafana/dashboards')).sort()).toEqual(names.sort());
    const [provider] = readDeployed<{ providers: { options: { path: string } }[] }>(
      'grafana/provisioning/dashboards/fleetwall.yml',
    ).providers;
    expect(services['grafana']?.volumes).toContain(`./deploy/grafana/dashboards:${provider?.options.path}:ro`);
    const home = services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'];
    expect(names.map((name) => `${provider?.options.path}/${name}`)).toContain(home);
  });

  it.each(names)('%s is what its source says (else: node scripts/grafana.mjs)', (name) => {
    expect(readDashboard(name)).toEqual(JSON.parse(JSON.stringify(DASHBOARDS[name])));
  });

  it.each(names)('%s holds nothing of an unknown kind', (name) => {
    expect(JSON.stringify(readDashboard(name))).not.toContain('unknown');
  });

  it.each(names)('%s: every panel says what it shows, and asks a source that is provisioned', (name) => {
    const uids = readDataSources().map(({ uid }) => uid);
    for (const { type, title, description, targets = [] } of readDashboard(name).panels) {
      if (type === 'row') continue;
      expect({ title, description }).toEqual({ title, description: expect.stringMatching(/\.$/) });
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource } of targets) expect(uids).toContain(datasource.uid);
    }
  });

  it('ask Prometheus for metrics that services expose', () => {
    const asked = names.flatMap((name) => targetsOf(readDashboard(name)).flatMap(({ expr = '' }) => metricsIn(expr)));
    expect(asked.length).toBeGreaterThan(25);
    expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
  });

  it('ask Elasticsearch by the time field of the source', () => {
    const fields = new Map(readDataSources().map(({ uid, jsonData }) => [uid, jsonData.timeField]));
    const searches = names.flatMap((name) => targetsOf(readDashboard(name))).filter(({ query }) => query !== undefined);
    expect(searches.length).toBeGreaterThan(8);
    for (const { datasource, timeField } of searches) expect(timeField).toBe(fields.get(datasource.uid));
  });
});

describe('data sources', () => {
  it('lie where docker-compose.yml runs them, and take their secrets from files', () => {
    const text = readFileSync(join(ROOT, 'deploy/grafana/provisioning/datasources/fleetwall.yml'), 'utf8');
    const { environment = {}, secrets = [] } = services['grafana'] ?? {};
    for (const { url } of readDataSources()) {
      const address = environment[url.slice(1)];
      expect(services).toHaveProperty([new URL(address as string).hostname]);
    }
    const files = [...text.matchAll(/\$__file\{\/run\/secrets\/(.+?)\}/g)].map((match) => match[1]);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(secrets).toContain(file);
    expect(text).not.toMatch(/[Pp]assword: (?!\$__file)/);
  });
});

describe('Prometheus', () => {
  it('scrapes every service, and reads the rules', () => {
    const config = readDeployed<{
      rule_files: string[];
      scrape_configs: { job_name: string; dns_sd_configs?: { names: string[] }[] }[];
    }>('prometheus/prometheus.yml');
    const scraped = config.scrape_configs.flatMap(({ dns_sd_configs = [] }) =>
      dns_sd_configs.flatMap(({ names }) => names),
    );
    const ours = Object.entries(services).filter(([, { build }]) => build?.target === 'service');
    expect(scraped.sort()).toEqual(ours.map(([name]) => name).sort());
    const missed = rules.find(({ alert }) => alert === 'FleetwallServiceMissing')?.expr.matchAll(/service="(\w+)"/g);
    expect([...(missed ?? [])].map(([, name]) => name).sort()).toEqual(scraped);
    for (const file of config.rule_files) expect(existsSync(join(ROOT, 'deploy/prometheus', file))).toBe(true);
  });

  it.each(rules.map((rule): [string, AlertRule] => [rule.alert, rule]))(
    '%s asks for what is exposed',
    (_name, rule) => {
      const asked = metricsIn(rule.expr);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
      expect(rule.labels.severity).toMatch(/^(warning|critical)$/);
      expect(rule.annotations).toEqual({
        summary: expect.stringMatching(/\.$/),
        description: expect.stringMatching(/\.$/),
      });
    },
  );

  it('has an alert for everything that needs a person', () => {
    const needed = ['ServiceDown', 'StandbyMissing', 'ConsumerLag', 'NoEvents', 'DeadLetters', 'BlocksIneffective'];
    expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining(needed.map((name) => `Fleetwall${name}`)));
  });
});
