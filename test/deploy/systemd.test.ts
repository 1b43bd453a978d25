import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from './compose-file.js';

const DIRECTORY = join(ROOT, 'deploy/systemd');
const units = readdirSync(DIRECTORY).filter((name) => name.endsWith('.service'));
const SERVICES = ['gateway', 'correlation', 'response', 'indexer', 'console'];
const read = (unit: string) => readFileSync(join(DIRECTORY, unit), 'utf8');
const settingOf = (unit: string, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(read(unit))?.[1];

describe('systemd units', () => {
  it('start what is there', () => {
    expect(settingOf('fleetwall@.service', 'ExecStart')).toBe('/usr/bin/node /opt/fleetwall/services/%i/dist/main.js');
    for (const service of SERVICES) expect(existsSync(join(ROOT, `services/${service}/src/main.ts`))).toBe(true);
    expect(settingOf('fleetwall-collector.service', 'ExecStart')).toBe(
      '/usr/bin/node /opt/fleetwall/collector/dist/main.js',
    );
    expect(existsSync(join(ROOT, 'collector/src/main.ts'))).toBe(true);
  });

  it('run as users that the sysusers file makes, with the capabilities they need', () => {
    const users = [...read('fleetwall.sysusers').matchAll(/^u (\S+)/gm)].map((match) => match[1]);
    for (const unit of units) expect(users).toContain(settingOf(unit, 'User'));
    expect(settingOf('fleetwall@.service', 'CapabilityBoundingSet')).toBe('');
    const capabilities = 'CAP_NET_ADMIN CAP_DAC_READ_SEARCH';
    expect(settingOf('fleetwall-collector.service', 'CapabilityBoundingSet')).toBe(capabilities);
    expect(settingOf('fleetwall-collector.service', 'AmbientCapabilities')).toBe(capabilities);
  });
});

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
(hasAnalyze ? describe : describe.skip)('systemd units (needs systemd-analyze)', () => {
  let directory: string;
  /** As they are installed; Node lies elsewhere on this machine. */
  const installed = ['fleetwall-collector.service', ...SERVICES.map((service) => `fleetwall@${service}.service`)];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-units-'));
    for (const unit of installed) {
      const text = read(unit.replace(/@.*\./, '@.')).replaceAll('/usr/bin/node', process.execPath);
      writeFileSync(join(directory, unit), text);
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(installed)('%s is one that systemd understands', (unit) => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(directory, unit)], {
      encoding: 'utf8',
    });
    const ours = stderr.split('\n').filter((line) => line.includes('fleetwall'));
    expect({ status, ours }).toEqual({ status: 0, ours: [] });
  });

  it.each(installed)('%s is exposed little (at most 2.5 of 10)', (unit) => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=25', join(directory, unit)];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect({ status, level: stdout.trim().split('\n').at(-1) }).toMatchObject({ status: 0 });
  });
});
