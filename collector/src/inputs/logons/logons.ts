import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, FleetwallError } from '@fleetwall/core';
import { logonLine } from '@fleetwall/sources';
import { ZodError } from 'zod';
import { Delivery } from '../delivery.js';
import { type Bookmarks, emptyStats, type Input, type InputStats, type LineSink, type RawLine } from '../input.js';
import { lineId, streamId } from '../line-ids.js';
import { Problems, reasonOf } from '../problems.js';
import { logonError } from './errors.js';
import { parseResults, type Result } from './request.js';
import { type ApplicationToken, Tokens } from './tokens.js';

export interface LogonsOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** PEM; plain HTTP when absent. */
  tls?: { cert: string; key: string };
  tokens: readonly ApplicationToken[];
  /** Host of the events: where the applications run. */
  eventHost: string;
  clock?: Clock;
}

const MAX_BODY_BYTES = 1 << 20;
const MAX_UNDER_WAY = 64;
const TAKEN_WITHIN_MS = 10_000;
const STATUS: Readonly<Record<string, number>> = {
  LOGONS_NOT_FOUND: 404,
  LOGONS_UNKNOWN_TOKEN: 401,
  LOGONS_NOT_JSON: 415,
  LOGONS_INVALID: 400,
  LOGONS_TOO_LARGE: 413,
  LOGONS_BUSY: 503,
};

/**
 * `POST /v1/logons`: web applications tell how logons went. A request is answered with 202 when its results are durable in the
 * spool, and taken whole or not at all. Errors are `application/problem+json` (RFC 9457) with `code` and `hint`.
 */
export class LogonsInput implements Input {
  readonly name = 'logons';
  readonly finished: Promise<void>;
  port: number | undefined;
  /** Requests that were answered with an error, by its code. */
  readonly refused: Record<string, number> = {};
  #finish: () => void = () => undefined;
  readonly #options: LogonsOptions;
  readonly #clock: Clock;
  readonly #tokens: Tokens;
  readonly #problems: Problems;
  readonly #totals = emptyStats();
  readonly #occasion = randomUUID();
  #server: Server | undefined;
  #delivery: Delivery | undefined;
  /** Requests that are being answered. */
  readonly #answering = new Set<Promise<void>>();
  #count = 0;

  constructor(options: LogonsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#tokens = new Tokens(options.tokens);
    this.#problems = new Problems(this.#clock);
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(_bookmarks: Bookmarks, sink: LineSink): Promise<void> {
    this.#delivery = new Delivery(sink, this.#totals);
    const { host, port, tls } = this.#options;
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      const answering = this.#answer(request, response);
      this.#answering.add(answering);
      void answering.finally(() => this.#answering.delete(answering));
    };
    const limits = { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 8 << 10 };
    const server = tls ? createTlsServer({ ...limits, ...tls }, listener) : createServer(limits, listener);
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (error) {
      this.#problems.report(this.name, 'LOGONS_UNAVAILABLE', { host, port, reason: reasonOf(error) });
      return;
    }
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.#server?.close();
    await this.#delivery?.stop();
    await Promise.all(this.#answering);
    this.#server?.closeAllConnections();
    this.#finish();
  }

  stats(): InputStats {
    const refused = Object.values(this.refused).reduce((sum, count) => sum + count, 0);
    return { ...this.#totals, streams: this.port === undefined ? 0 : 1, refused, problems: this.#problems.list() };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const accepted = await this.#take(request);
      write(response, 202, 'application/json', { accepted });
    } catch (error) {
      const told = error instanceof FleetwallError ? error : logonError('LOGONS_BUSY', {}, { cause: error });
      const { code, message, hint } = told;
      this.refused[code] = (this.refused[code] ?? 0) + 1;
      const status = STATUS[code] ?? 500;
      write(response, status, 'application/problem+json', { title: message, status, code, hint });
      // What is left of a body that nobody reads must not hold the connection.
      response.once('finish', () => request.destroy());
    }
  }

  async #take(request: IncomingMessage): Promise<number> {
    if (request.method !== 'POST' || request.url !== '/v1/logons') throw logonError('LOGONS_NOT_FOUND');
    const application = this.#tokens.applicationOf(request);
    if (application === undefined) throw logonError('LOGONS_UNKNOWN_TOKEN');
    if (this.#answering.size > MAX_UNDER_WAY) throw logonError('LOGONS_BUSY');
    const results = resultsIn(await jsonOf(request), this.#clock);
    const lines = results.map((result) => this.#line(application, result));
    const taking = this.#delivery?.deliver({ lines, bookmarks: {} }) ?? Promise.resolve(false);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, TAKEN_WITHIN_MS, false);
    });
    const isTaken = await Promise.race([taking, late]).finally(() => clearTimeout(timer));
    if (!isTaken) throw logonError('LOGONS_BUSY');
    this.#totals.bytes += lines.reduce((sum, { text }) => sum + text.length, 0);
    return results.length;
  }

  #line(application: string, { at, ...result }: Result): RawLine {
    const { id } = result;
    const readMs = this.#clock();
    const text = logonLine({ application, ...result, timeMs: at ?? readMs });
    const stream = `logons/${application}`;
    // Sent again with its own id it is the same line, whenever it was sent; the checksum is that of the id then.
    const lineIdText =
      id === undefined
        ? lineId(streamId(stream, this.#occasion), (this.#count++).toString(36), Buffer.from(text))
        : lineId(streamId(stream, id), 'id', Buffer.from(id));
    const sender = { host: this.#options.eventHost, evidence: 'handshake' as const, application };
    return { text, truncated: false, id: lineIdText, stream, history: false, readMs, sender };
  }
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(type)) {
    throw logonError('LOGONS_NOT_JSON', { reason: 'its Content-Type is not application/json' });
  }
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw logonError('LOGONS_TOO_LARGE', { limit: MAX_BODY_BYTES });
    pieces.push(piece);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)));
  } catch (error) {
    throw logonError('LOGONS_NOT_JSON', { reason: (error as Error).message }, { cause: error });
  }
}

function resultsIn(body: unknown, clock: Clock): Result[] {
  try {
    return parseResults(body, clock);
  } catch (error) {
    const [issue] = error instanceof ZodError ? error.issues : [];
    const field = issue?.path.join('.') || 'the body';
    throw logonError('LOGONS_INVALID', { field, reason: issue?.message ?? 'it cannot be read' }, { cause: error });
  }
}

function write(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { 'content-type': type, ...(status >= 400 && { connection: 'close' }) });
  response.end(JSON.stringify(body));
}
