import { request } from 'node:http';
import { FleetwallError } from '@fleetwall/core';
import { cliError } from './errors.js';
import type { Home } from './home.js';

const ANSWER_WITHIN_MS = 30_000;

export interface ControlOptions {
  /** How long to wait for the whole answer. */
  timeoutMs?: number;
}

/** Speaks to the running service: HTTP over its control socket, errors as the service words them. */
export class ControlClient {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  get<T>(path: string, options?: ControlOptions): Promise<T> {
    return this.#ask('GET', path, undefined, options);
  }

  post<T>(path: string, body: object = {}, options?: ControlOptions): Promise<T> {
    return this.#ask('POST', path, body, options);
  }

  delete<T>(path: string, options?: ControlOptions): Promise<T> {
    return this.#ask('DELETE', path, undefined, options);
  }

  async #ask<T>(method: string, path: string, body: object | undefined, options: ControlOptions = {}): Promise<T> {
    const { timeoutMs = ANSWER_WITHIN_MS } = options;
    const { status, text } = await this.#send(method, `/control/v1/${path}`, body, timeoutMs);
    const answer = this.#parse(text);
    if (status < 300) return answer as T;
    const { code, message, hint } = answer as { code?: unknown; message?: unknown; hint?: unknown };
    if (typeof code !== 'string' || typeof message !== 'string')
      throw cliError('SERVICE_STRANGE', { home: this.#home.directory, reason: `HTTP status ${status}` });
    throw new FleetwallError(code, { retryable: status === 503, message, hint: typeof hint === 'string' ? hint : '' });
  }

  #send(method: string, path: string, body: object | undefined, timeoutMs: number) {
    const home = this.#home.directory;
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const signal = AbortSignal.timeout(timeoutMs);
      const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
      const onError = (error: NodeJS.ErrnoException) =>
        reject(
          signal.aborted ? cliError('SERVICE_SILENT', { home, seconds: timeoutMs / 1_000 }) : meaningOf(error, home),
        );
      const asked = request({ socketPath: this.#home.controlSocket, method, path, headers, signal }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', onError);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      asked.on('error', onError);
      asked.end(payload);
    });
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      const reason = 'it is not JSON';
      throw cliError('SERVICE_STRANGE', { home: this.#home.directory, reason }, { cause: error });
    }
  }
}

function meaningOf(error: NodeJS.ErrnoException, home: string): FleetwallError {
  const options = { cause: error };
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return cliError('SERVICE_NOT_RUNNING', { home }, options);
  if (error.code === 'EACCES' || error.code === 'EPERM') return cliError('SERVICE_FORBIDDEN', { home }, options);
  return cliError('SERVICE_STRANGE', { home, reason: error.message }, options);
}
