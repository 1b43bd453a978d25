import { chmodSync, existsSync, rmSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

/** Connections that came over the control socket. TCP ones never get in here, whatever they say. */
const controlConnections = new WeakSet<Socket>();

/** Lets only the control socket through: whoever may open that file (mode 0600) may steer the service. */
@Injectable()
export class ControlGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ raw: { socket: Socket } }>();
    return controlConnections.has(request.raw.socket);
  }
}

/** Whether a service answers at this socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Serves the same HTTP server on a local socket (a named pipe on Windows). A file left by a dead service is replaced. */
export async function listenOnControlSocket(http: HttpServer, path: string): Promise<Server> {
  if (process.platform !== 'win32' && existsSync(path)) rmSync(path);
  const server = createServer((socket) => {
    controlConnections.add(socket);
    http.emit('connection', socket);
  });
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return server;
}
