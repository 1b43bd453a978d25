import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BreakGlassStep, breakGlass } from './break-glass.js';
import { cliError } from './errors.js';
import { findHome, type Home } from './home.js';

const absent = () => Promise.reject(cliError('SERVICE_NOT_RUNNING', { home: '/x' }));
const hanging = () => Promise.reject(cliError('SERVICE_SILENT', { home: '/x', seconds: 3 }));
const works = () => Promise.resolve();
const forbidden = () => Promise.reject(new Error('Operation not permitted'));

describe('breakGlass', () => {
  let home: Home;
  const outcomes = (steps: BreakGlassStep[]) => Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]));

  beforeEach(() => {
    home = findHome({ FLEETWALL_HOME: mkdtempSync(join(tmpdir(), 'fleetwall-glass-')) }, '/');
  });

  afterEach(() => rmSync(home.directory, { recursive: true, force: true }));

  it('removes marker and table without a service', async () => {
    writeFileSync(home.armedMarker, 'armed\n');
    let isMarkerThere: boolean | undefined;
    const removeTable = async () => {
      isMarkerThere = existsSync(home.armedMarker);
    };
    const { disarmed, steps } = await breakGlass({ home, askService: absent, removeTable });
    expect(disarmed).toBe(true);
    expect(isMarkerThere).toBe(false);
    expect(outcomes(steps)).toEqual({ marker: 'done', service: 'nothing', firewall: 'done' });
  });

  it('does the same when the service hangs', async () => {
    writeFileSync(home.armedMarker, 'armed\n');
    const { disarmed, steps } = await breakGlass({ home, askService: hanging, removeTable: works });
    expect(disarmed).toBe(true);
    expect(outcomes(steps)).toEqual({ marker: 'done', service: 'failed', firewall: 'done' });
  });

  it('is not done while a table of an armed host may be left', async () => {
    writeFileSync(home.armedMarker, 'armed\n');
    const { disarmed, steps } = await breakGlass({ home, askService: absent, removeTable: forbidden });
    expect(disarmed).toBe(false);
    expect(outcomes(steps)).toEqual({ marker: 'done', service: 'nothing', firewall: 'failed' });
    expect(steps[2]?.detail).toMatch(/could not be removed: Operation not permitted/);
  });

  it('leaves the table to a service that answered', async () => {
    writeFileSync(home.armedMarker, 'armed\n');
    const { disarmed, steps } = await breakGlass({ home, askService: works, removeTable: forbidden });
    expect(disarmed).toBe(true);
    expect(outcomes(steps)).toEqual({ marker: 'done', service: 'done', firewall: 'unknown' });
  });

  it('says so when there was nothing to disarm', async () => {
    rmSync(home.directory, { recursive: true });
    const { disarmed, steps } = await breakGlass({ home, askService: absent, removeTable: forbidden });
    expect(disarmed).toBe(true);
    expect(outcomes(steps)).toEqual({ marker: 'nothing', service: 'nothing', firewall: 'unknown' });
  });

  it('removes a marker that somebody made a directory', async () => {
    mkdirSync(join(home.armedMarker, 'x'), { recursive: true });
    expect((await breakGlass({ home, askService: absent, removeTable: works })).disarmed).toBe(true);
    expect(existsSync(home.armedMarker)).toBe(false);
  });
});
