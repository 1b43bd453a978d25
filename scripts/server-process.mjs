// What starting and stopping a real server for tests takes, whichever server it is. The server leads a process group.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const READY_POLL_MS = 100;
const END_POLL_MS = 50;
const SHOWN_LINES = 30;

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Throws with the end of its log when it exits, or does not answer within the time. */
export async function untilReady({ name, child, log, answers, timeoutMs }) {
  const endMs = Date.now() + timeoutMs;
  while (!(await answers())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > endMs) {
      const tail = readFileSync(log, 'utf8').split('\n').slice(-SHOWN_LINES).join('\n');
      throw new Error(`${name} ${ended ? 'exited' : `did not answer within ${timeoutMs} ms`}:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** Asks it to end, waits, and insists. */
export async function stopProcess(pid, timeoutMs) {
  killGroup(pid, 'SIGTERM');
  if (await hasEnded(pid, timeoutMs)) return;
  killGroup(pid, 'SIGKILL');
  await hasEnded(pid, timeoutMs);
}

export function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function hasEnded(pid, timeoutMs) {
  const endMs = Date.now() + timeoutMs;
  while (isGroupAlive(pid)) {
    if (Date.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, END_POLL_MS));
  }
  return true;
}

function isGroupAlive(pid) {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
