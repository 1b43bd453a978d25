import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

/** Nothing listens there (tcpmux). */
const DEAD_PORT = 1;

/** The network of one process, which can be cut: connections break, and new ones are refused, until it heals. */
export class CuttableNetwork {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  readonly socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = connect({ host, port: this.isCut ? DEAD_PORT : port }, onConnect);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  /** What is sent arrives; answers do not. */
  deafen(): void {
    for (const socket of this.sockets) socket.pause();
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy(new Error('the network is cut'));
  }

  heal(): void {
    this.isCut = false;
  }
}
