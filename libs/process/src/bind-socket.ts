import { chmodSync, existsSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { processError } from './errors.js';

/**
 * Makes a server listen on a local socket (a named pipe on Windows) that only its owner may open: 0600. A file left by a
 * dead process is replaced.
 */
export async function bindControlSocket(server: Server, path: string): Promise<void> {
  if (process.platform !== 'win32' && existsSync(path)) rmSync(path);
  const mask = process.umask(0o177);
  try {
    await listening(server, () => server.listen(path));
  } finally {
    process.umask(mask);
  }
  if (process.platform !== 'win32') chmodSync(path, 0o600);
}

/** Makes a server listen over TCP. Throws PORT_TAKEN. */
export async function bindPort(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await listening(server, () => server.listen(port, host)).catch((error: unknown) => {
    throw portError(error, host, port);
  });
}

/** What a failure to listen means. */
export function portError(error: unknown, host: string, port: number): unknown {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  return isTaken ? processError('PORT_TAKEN', { host, port }, { cause: error }) : error;
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}
