import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FleetwallError } from '@fleetwall/core';
import { collectorError } from '../errors.js';

/** `POST /control/v1/arm` → what it answers as JSON. */
export type Routes = Record<string, (body: Record<string, unknown>) => unknown>;

const MAX_BODY_BYTES = 10_000;

/**
 * A small HTTP server: JSON answers to the routes it is given, errors with code, message and hint. A string is answered as
 * plain text.
 */
export function serve(routes: Routes): Server {
  return createServer((request, response) => {
    answer(routes, request).then(
      (value) => write(response, 200, value),
      (error: unknown) => writeError(response, error),
    );
  });
}

async function answer(routes: Routes, request: IncomingMessage): Promise<unknown> {
  const name = `${request.method} ${request.url}`;
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (!route) throw collectorError('UNKNOWN_REQUEST', { name });
  return route(await bodyOf(request));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) throw collectorError('REQUEST_TOO_LARGE');
  }
  try {
    const body: unknown = JSON.parse(text || '{}');
    return typeof body === 'object' && body !== null ? { ...body } : {};
  } catch (error) {
    throw collectorError('REQUEST_NOT_JSON', {}, { cause: error });
  }
}

function write(response: ServerResponse, status: number, value: unknown): void {
  const isText = typeof value === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
  });
  response.end(isText ? value : JSON.stringify(value));
}

function writeError(response: ServerResponse, error: unknown): void {
  const told = error instanceof FleetwallError ? error : collectorError('FAILED', { reason: String(error) });
  const { code, message, hint, retryable } = told;
  write(response, retryable ? 503 : 422, { code, message, hint });
}
