import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hasCompose } from '../../scripts/cluster/docker.mjs';
import { initialise } from '../../scripts/cluster/initialise.mjs';
import { optionsOf, variableOf } from '../docs/configuration.js';
import { CONFIG_JSON_SCHEMA } from '../docs/documents.js';
import { type ComposeService, ROOT, readComposeFile } from './compose-file.js';

const file = readComposeFile();
const services = Object.entries(file.services);
const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const secretsOf = (service: ComposeService) =>
  (service.secrets ?? []).map((secret) => (typeof secret === 'string' ? secret : secret.source));
/** A container that does its work and ends has nothing to be asked about. */
const isOnce = ({ restart }: ComposeService) => restart === 'on-failure';

describe('docker-compose.yml', () => {
  it('has every part of a cluster', () => {
    expect(Object.keys(file.services)).toEqual(
      expect.arrayContaining([
        'kafka',
        'elasticsearch',
        'gateway',
        'correlation',
        'response',
        'indexer',
        'console',
        'grafana',
      ]),
    );
    expect(file.services['response']?.deploy?.replicas).toBe(2);
  });

  it.each(services)('%s: the image has a version', (_name, { image }) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it.each(services)('%s: nothing but the gateway is published beyond this machine', (name, { ports = [] }) => {
    const open = ports.filter((port) => !port.startsWith('127.0.0.1:'));
    expect(open.length).toBe(name === 'gateway' ? 1 : 0);
    expect(open.filter((port) => !port.endsWith('}:8687'))).toEqual([]);
  });

  it.each(services)('%s: no capability it was not given, no new ones, a limit to its memory', (_name, service) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
  });

  it.each(services.filter(([, service]) => !isOnce(service)))('%s: can be asked how it is', (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.restart).toBe('unless-stopped');
  });

  it.each(services)('%s: what it waits for is there, and tells when it is ready', (_name, { depends_on = {} }) => {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const awaited = file.services[other];
      expect(awaited).toBeDefined();
      const isRight = isOnce(awaited as ComposeService) ? 'service_completed_successfully' : 'service_healthy';
      expect(condition).toBe(isRight);
    }
  });

  it.each(services)('%s: secrets and volumes are declared, and its files are there', (_name, service) => {
    for (const secret of secretsOf(service)) expect(file.secrets).toHaveProperty([secret]);
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (!source.startsWith('./')) expect(file.volumes).toHaveProperty([source]);
      else expect({ source, exists: existsSync(join(ROOT, source)) }).toEqual({ source, exists: true });
    }
  });

  it('services that scale have no name, no port and no shared volume', () => {
    for (const name of ['correlation', 'response', 'indexer']) {
      const { container_name, ports, volumes } = file.services[name] as ComposeService;
      expect({ container_name, ports, volumes }).toEqual({});
    }
  });

  it('the data network leads nowhere', () => {
    expect(file.networks['cluster']).toEqual({ internal: true });
    for (const name of ['kafka', 'elasticsearch', 'prometheus', 'correlation', 'response', 'indexer'])
      expect(file.services[name]?.networks).toEqual(['cluster']);
  });

  it('every variable of Fleetwall is one of its options', () => {
    const options = optionsOf(CONFIG_JSON_SCHEMA).map(({ path }) => variableOf(path));
    const used = [...text.matchAll(/^\s*(FLEETWALL_[A-Z0-9_]+):/gm)].map((match) => match[1]);
    expect(used.length).toBeGreaterThan(15);
    expect(used.filter((name) => !options.includes(name as string))).toEqual([]);
  });

  it('every file with a secret that an option names is a secret of that service', () => {
    for (const [, service] of services) {
      for (const value of Object.values(service.environment ?? {})) {
        const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
        if (secret !== undefined) expect(secretsOf(service)).toContain(secret);
      }
    }
  });

  it('holds no password, and no default for one', () => {
    const variables = [...text.matchAll(/\$\{([A-Z_]+)([^}]*)\}/g)].map((match) => [match[1], match[2]]);
    const withDefault = variables.filter(([, rest]) => rest?.includes('-')).map(([name]) => name);
    expect([...new Set(withDefault)].sort()).toEqual(['CONSOLE_PORT', 'GATEWAY_PORT', 'GRAFANA_PORT']);
    const written = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const secret = written.filter(([name]) => /PASSWORD|TOKEN|SECRET|API_KEY/.test(name));
    expect(secret.length).toBeGreaterThan(5);
    for (const [name, value] of secret)
      expect(value).toMatch(/_FILE$/.test(name) ? /^\/(run|var)\// : /^\$\{[A-Z_]+:\?/);
  });

  it('asks for exactly the secrets that the first start makes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fleetwall-compose-'));
    try {
      await initialise(root);
      const missing = Object.values(file.secrets).filter((secret) => !existsSync(join(root, secret.file)));
      expect(missing).toEqual([]);
      const environment = readFileSync(join(root, '.env'), 'utf8');
      const required = [...text.matchAll(/\$\{([A-Z_]+):\?/g)].map((match) => match[1]);
      for (const name of required) expect(environment).toMatch(new RegExp(`^${name}=\\S{20,}$`, 'm'));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  const clientTest = hasCompose() ? it : it.skip;
  clientTest('is what `docker compose` takes (needs a Docker client with `compose`)', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fleetwall-compose-'));
    try {
      await initialise(root);
      cpSync(join(ROOT, 'docker-compose.yml'), join(root, 'docker-compose.yml'));
      const run = (...args: string[]) => spawnSync('docker', ['compose', ...args], { cwd: root, encoding: 'utf8' });
      const { status, stderr } = run('--profile', 'demo', 'config', '--quiet');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      rmSync(join(root, '.env'));
      expect(run('config', '--quiet').stderr).toContain('node scripts/cluster.mjs init');
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
