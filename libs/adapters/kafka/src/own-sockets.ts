import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs';
import { kafkaError } from './errors.js';

const KEEP_ALIVE_MS = 60_000;

/**
 * The connections of a client, which can be cut for good. kafkajs opens one again for whatever is still retried after a
 * `disconnect`, and a connection without a request keeps the process alive; a consumer that is disconnected while it
 * joins goes on joining, and then holds partitions (kafkajs 2.2.4, src/consumer/runner.js: `stop` does nothing until the
 * join is over). Without sockets, both run out of retries and end.
 */
export class OwnSockets {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  /** @param open opens the sockets in the place of plain TCP or TLS. */
  constructor(private readonly open: ISocketFactory = openSocket) {}

  /** For kafkajs. */
  readonly factory: ISocketFactory = (args) => {
    if (this.isCut) throw kafkaError('KAFKA_FAILED', { operation: 'connect', reason: 'it has been stopped' });
    const socket = this.open(args);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }
}

/** What kafkajs does when it is given no factory. */
function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const name = isIP(host) ? {} : { servername: host };
  const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
}
