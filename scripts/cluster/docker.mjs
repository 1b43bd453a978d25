// Docker as the cluster needs it: the client, its `compose` and an engine that answers.
import { spawnSync } from 'node:child_process';

/** What is missing to run containers, in words with what to do about it; undefined when nothing is. */
export function whatDockerLacks(env = process.env) {
  if (!works(['--version'], env))
    return 'There is no Docker client (docker) here. Install Docker: https://docs.docker.com/engine/install/';
  if (!works(['compose', 'version'], env))
    return 'The Docker client here has no `compose`. Install it: https://docs.docker.com/compose/install/';
  if (!works(['info'], env))
    return 'No Docker engine answers. Start it (`systemctl start docker`), or let this user reach it (group `docker`).';
  return undefined;
}

/** Whether `docker compose` reads files here; that takes no engine. */
export function hasCompose(env = process.env) {
  return works(['compose', 'version'], env);
}

/** Runs `docker compose` in the terminal; answers its exit code. */
export function compose(root, args) {
  return spawnSync('docker', ['compose', ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

function works(args, env) {
  return spawnSync('docker', args, { env, stdio: 'ignore', timeout: 20_000 }).status === 0;
}
