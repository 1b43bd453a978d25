import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Between client and server: lets everything through, or answers by itself, or hangs up. */
export class UnrulyProxy {
  readonly #target: string;
  readonly #server = createServer((incoming, answer) => {
    const { host: _, ...headers } = incoming.headers;
    const decision = this.onRequest(incoming.url ?? '/');
    if (decision === 'hang up') return void incoming.socket.destroy();
    if (typeof decision === 'object') {
      incoming.resume();
      incoming.on('end', () => reply(answer, decision));
      return;
    }
    const outgoing = request(this.#target + incoming.url, { method: incoming.method, headers }, (response) => {
      // The server has done it; the client will never know.
      if (decision === 'lose the answer') {
        outgoing.destroy();
        return void incoming.socket.destroy();
      }
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  });

  /** What becomes of a request, by its path. */
  onRequest: (path: string) => 'pass' | 'hang up' | 'lose the answer' | OwnAnswer = () => 'pass';

  constructor(target: string) {
    this.#target = target;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface OwnAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

function reply(answer: ServerResponse, { status, headers, body }: OwnAnswer): void {
  answer.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch', ...headers });
  answer.end(body ?? '{}');
}
