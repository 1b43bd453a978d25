import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Koffi from 'koffi';

const CLONE_NEWNET = 0x4000_0000;

/**
 * For tests and measurements: moves the calling thread into a new, empty network namespace, so that nothing they do
 * reaches the machine's own ruleset. Sockets and child processes made from then on belong to it. Needs root.
 *
 * @returns moves the thread back; the namespace goes with its last socket and process
 */
export function enterNewNetworkNamespace(): () => void {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const libc = koffi.load(null);
  const unshare = libc.func('unshare', 'int', ['int']);
  const setns = libc.func('setns', 'int', ['int', 'int']);
  const home = openSync('/proc/thread-self/ns/net', 'r');
  if (unshare(CLONE_NEWNET) !== 0) {
    closeSync(home);
    throw new Error(`unshare: errno ${koffi.errno()}`);
  }
  return () => {
    if (setns(home, CLONE_NEWNET) !== 0) throw new Error(`setns: errno ${koffi.errno()}`);
    closeSync(home);
  };
}
