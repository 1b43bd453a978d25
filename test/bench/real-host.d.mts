import type { ChildProcess, SpawnOptions } from 'node:child_process';

export const SERVER: string;

export interface RealHost {
  directory: string;
  log: string;
  /** Names of the two network namespaces. */
  server: string;
  client: string;
  pid: number;
  spawned(netns: string, command: string, args: string[], options?: SpawnOptions): ChildProcess;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  output(): string;
  stop(): Promise<void>;
}

export function missing(): string | undefined;
export function startRealHost(options: { addresses: string[]; blockFor: string }): Promise<RealHost>;
export function attack(host: RealHost, address: string, passwords: number): ChildProcess;
export function failedAt(host: RealHost, address: string, n: number): number | undefined;
export function nowMs(): number;
export function until<T>(
  what: string,
  look: () => T | Promise<T>,
  detail?: () => string,
  withinMs?: number,
): Promise<T>;
