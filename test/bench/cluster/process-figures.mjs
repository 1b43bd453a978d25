// Processor time and memory of processes that are not ours to ask: the servers (Linux, proc(5)).
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** User and system seconds so far of a process and of all below it. */
export function cpuSecondsOf(pid) {
  return [pid, ...descendantsOf(pid)].reduce((sum, one) => sum + ticksOf(one), 0) / TICKS_PER_SECOND;
}

/** Resident memory at its highest, MB. */
export function memoryMbOf(pid) {
  return [pid, ...descendantsOf(pid)].reduce((sum, one) => sum + peakMb(one), 0);
}

function peakMb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

function ticksOf(pid) {
  const fields = statOf(pid);
  return fields ? Number(fields[11]) + Number(fields[12]) : 0;
}

function descendantsOf(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    if (fields) parents.set(Number(name), Number(fields[1]));
  }
  const found = [];
  const add = (of) => {
    for (const [child, parent] of parents) {
      if (parent !== of) continue;
      found.push(child);
      add(child);
    }
  };
  add(pid);
  return found;
}

/** From the state on; the name before it may contain anything. */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
