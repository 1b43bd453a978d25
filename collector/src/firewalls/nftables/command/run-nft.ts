import { spawn, spawnSync } from 'node:child_process';
import { type FleetwallError, printable } from '@fleetwall/core';
import { firewallError } from '../../errors.js';

/** Where distributions put it, which is not always in the PATH of a service. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/local/sbin`;
const TIMEOUT_MS = 60_000;
/** Messages are in the language of the C locale, so that they can be told apart. */
const ENVIRONMENT = { ...process.env, PATH, LC_ALL: 'C' };

/**
 * Runs `nft` with these arguments and standard input, for at most a minute.
 *
 * @returns what it prints
 * @throws FIREWALL_UNAVAILABLE without the program or the right to use it, FIREWALL_REFUSED with its own words
 */
export function runNft(action: string, args: string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', args, { env: ENVIRONMENT, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => output.push(data));
    child.stderr.on('data', (data: Buffer) => complaints.push(data));
    child.on('error', (error) => reject(noProgram(error)));
    child.on('close', (status, signal) => {
      if (status === 0) resolve(Buffer.concat(output).toString());
      else reject(refusal(action, status ?? signal, Buffer.concat(complaints).toString()));
    });
    // A program that ends early closes its input; its exit status tells why.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** As {@link runNft}, waiting for it. */
export function runNftSync(action: string, args: string[], input: string): void {
  const options = { env: ENVIRONMENT, encoding: 'utf8', input, timeout: TIMEOUT_MS } as const;
  const { error, status, signal, stderr } = spawnSync('nft', args, options);
  if (error) throw noProgram(error);
  if (status !== 0) throw refusal(action, status ?? signal, stderr);
}

function noProgram(error: Error): FleetwallError {
  const reason = `the nft command does not run (${error.message}); install the package nftables`;
  return firewallError('FIREWALL_UNAVAILABLE', { reason }, { cause: error });
}

function refusal(action: string, ending: number | string | null, complaints: string): FleetwallError {
  if (complaints.includes('Operation not permitted')) {
    const reason = 'this process may not change it; run it as root or with the capability CAP_NET_ADMIN';
    return firewallError('FIREWALL_UNAVAILABLE', { reason, errno: 'EPERM' });
  }
  const reason = printable(complaints.trim().split('\n')[0] || `nft ended with ${ending}`);
  const errno = complaints.includes('No such file or directory') ? 'ENOENT' : '';
  return firewallError('FIREWALL_REFUSED', { action, reason, errno });
}
