import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hasCompose, whatDockerLacks } from '../../scripts/cluster/docker.mjs';

const run = process.platform === 'win32' ? describe.skip : describe;

/** A client that succeeds with these first arguments only stands for the installations that cannot all be had at once. */
run('what is missing to run containers (needs a POSIX shell)', () => {
  let directory: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-docker-'));
    env = { PATH: directory };
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const install = (works: string) =>
    writeFileSync(join(directory, 'docker'), `#!/bin/sh\ncase "$1" in ${works}) ;; *) exit 1 ;; esac\n`, {
      mode: 0o755,
    });

  it('is the client when there is none', () => {
    expect(whatDockerLacks(env)).toMatch(/no Docker client/);
    expect(hasCompose(env)).toBe(false);
  });

  it('is `compose` when the client has none', () => {
    install('--version|info');
    expect(whatDockerLacks(env)).toMatch(/no `compose`/);
  });

  it('is the engine when none answers; files can be read all the same', () => {
    install('--version|compose');
    expect(whatDockerLacks(env)).toMatch(/No Docker engine answers/);
    expect(hasCompose(env)).toBe(true);
  });

  it('is nothing when all of them are there', () => {
    install('--version|compose|info');
    expect(whatDockerLacks(env)).toBeUndefined();
  });
});
