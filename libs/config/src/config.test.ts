import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FleetwallError } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(directory, 'fleetwall.yml'), text);
  return loadConfig(env, directory);
}

/** The error of a file that is refused; anything but a FleetwallError fails the test. */
function refusalOf(text: string): { code: string; position: string | undefined; message: string } {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof FleetwallError)) throw error;
    return { code: error.code, position: error.position, message: error.message };
  }
  throw new Error('the file was accepted');
}

describe('options from the environment', () => {
  it('tells options apart whose names begin alike', () => {
    const kafka = 'kafka: { brokers: [one:9092], sasl: { mechanism: plain, username: u } }';
    const { config } = load(kafka, {
      FLEETWALL_KAFKA_SASL_PASSWORD: '7',
      FLEETWALL_KAFKA_SASL_PASSWORD_FILE: '/run/secrets/kafka',
      FLEETWALL_KAFKA_BROKERS: 'two:9092, three:9092',
    });
    expect(config.kafka).toMatchObject({
      brokers: ['two:9092', 'three:9092'],
      sasl: { password: '7', passwordFile: '/run/secrets/kafka' },
    });
  });

  it.each([
    ['FLEETWALL_HTTP_PORT', '0', 'http.port', 0],
    ['FLEETWALL_COLLECTOR_HOST', 'web-01', 'collector.host', 'web-01'],
    ['FLEETWALL_COLLECTOR_HOST', '7', 'collector.host', '7'],
    ['FLEETWALL_COLLECTOR_FILES', 'auto', 'collector.files', 'auto'],
    ['FLEETWALL_COLLECTOR_FILES', '/var/log/auth.log', 'collector.files', ['/var/log/auth.log']],
    ['FLEETWALL_COLLECTOR_FILES', '/a.log, b.log', 'collector.files', ['/a.log', 'b.log']],
    ['FLEETWALL_COLLECTOR_JOURNALD', 'false', 'collector.journald', false],
    ['FLEETWALL_COLLECTOR_ZONE', 'Europe/Prague', 'collector.zone', 'Europe/Prague'],
    ['FLEETWALL_COLLECTOR_MAX_CPU_SHARE', '0.25', 'collector.maxCpuShare', 0.25],
    ['FLEETWALL_COLLECTOR_SPOOL_MAX_BYTES', '2000000', 'collector.spool.maxBytes', 2_000_000],
    ['FLEETWALL_FIREWALL', 'dry-run', 'firewall', 'dry-run'],
    ['FLEETWALL_RULES', 'rules', 'rules', ['rules']],
    ['FLEETWALL_POLICIES', '/etc/fleetwall/policies', 'policies', '/etc/fleetwall/policies'],
    ['FLEETWALL_WINDOWS_SNAPSHOT_SECONDS', '2', 'windows.snapshotSeconds', 2],
  ])('%s=%s', (name, value, path, expected) => {
    expect(load('', { [name]: value }).config).toHaveProperty(path, expected);
  });

  it.each([
    ['FLEETWALL_NO_SUCH', '1', /no option for the variable FLEETWALL_NO_SUCH/],
    ['FLEETWALL_HTTP_PORT_X', '1', /no option/],
    ['FLEETWALL_HTTP_PORT', 'eighty', /http\.port/],
    ['FLEETWALL_FIREWALL', 'pf', /firewall/],
  ])('%s=%s is refused', (name, value, message) => {
    expect(() => load('', { [name]: value })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => load('', { [name]: value })).toThrow(message);
  });

  it('win over the file', () => {
    expect(load('http: {port: 1}\n', { FLEETWALL_HTTP_PORT: '2' }).config.http.port).toBe(2);
  });
});

describe('F01: a hostile configuration is refused with its place', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
  ].join('\n');

  it.each([
    ['nine levels of aliases', bomb, '1:1'],
    ['10,000 merge keys', `a: &a {b: 1}\n<<: [${Array(10_000).fill('*a').join(', ')}]`, '1:1'],
    ['10,000 brackets', '['.repeat(10_000), undefined],
    ['a duplicate key', 'http: {port: 1}\nhttp: {port: 2}\n', '2:1'],
    ['a tag that builds things', 'http: !!js/function "x"\n', '1:7'],
    ['an option that does not exist', 'http:\n  prot: 1\n', '2:9'],
    ['a value out of range', 'http:\n  port: 70000\n', '2:9'],
    ['no map', '- 1\n', '1:1'],
    ['only a word', 'yes\n', '1:1'],
  ])('%s', (_what, text, place) => {
    const { code, position } = refusalOf(text);
    expect(code).toBe('CONFIG_INVALID');
    const file = join(directory, 'fleetwall.yml');
    expect(position).toMatch(place === undefined ? /fleetwall\.yml:\d+:\d+$/ : `${file}:${place}`);
  });

  it('also beside variables', () => {
    expect(() => load('yes\n', { FLEETWALL_HTTP_PORT: '1' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });

  it('a prototype as key changes nothing', () => {
    expect(refusalOf('__proto__: {http: {port: 1}}\n').code).toBe('CONFIG_INVALID');
    expect(({} as { http?: unknown }).http).toBeUndefined();
  });
});
