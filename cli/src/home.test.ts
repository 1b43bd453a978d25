import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findHome } from './home.js';

describe('findHome', () => {
  let directory: string;
  let cwd: string;
  let installedAt: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-home-'));
    cwd = join(directory, 'cwd');
    installedAt = join(directory, 'installed');
    mkdirSync(cwd);
    mkdirSync(installedAt);
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it('is below the installation, whatever the working directory', () => {
    const { directory: home, armedMarker } = findHome({}, cwd, `${installedAt}/`);
    expect(home).toBe(join(installedAt, '.fleetwall'));
    expect(armedMarker).toBe(join(installedAt, '.fleetwall', 'armed'));
  });

  it('follows the environment first, then .env of the working directory, then .env of the installation', () => {
    writeFileSync(join(installedAt, '.env'), 'FLEETWALL_HOME=data\n');
    expect(findHome({}, cwd, installedAt).directory).toBe(join(installedAt, 'data'));
    writeFileSync(join(cwd, '.env'), 'FLEETWALL_HOME="/srv/fleetwall"\n');
    expect(findHome({}, cwd, installedAt).directory).toBe('/srv/fleetwall');
    expect(findHome({ FLEETWALL_HOME: 'here' }, cwd, installedAt).directory).toBe(join(cwd, 'here'));
  });

  it('does without a .env that cannot be read', () => {
    mkdirSync(join(cwd, '.env'));
    expect(findHome({ FLEETWALL_HOME: '' }, cwd, installedAt).directory).toBe(join(installedAt, '.fleetwall'));
  });

  (process.platform === 'win32' ? it.skip : it)('has its control socket inside (needs Unix sockets)', () => {
    expect(findHome({ FLEETWALL_HOME: '/srv/f' }, cwd).controlSocket).toBe('/srv/f/control.sock');
  });
});
