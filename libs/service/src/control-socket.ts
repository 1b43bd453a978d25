import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { bindControlSocket } from '@fleetwall/process';
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

/** Serves the same HTTP server on the control socket. */
export async function listenOnControlSocket(http: HttpServer, path: string): Promise<Server> {
  const server = createServer((socket) => {
    controlConnections.add(socket);
    http.emit('connection', socket);
  });
  await bindControlSocket(server, path);
  return server;
}
