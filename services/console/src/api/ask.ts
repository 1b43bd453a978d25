import type { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Act } from '../audit/audit-log.js';
import type { Caller } from './caller.js';
import type { Asked, Route } from './route.js';
import type { Operation, ROUTES } from './routes.js';

/** The parts of Fastify's request that are used here. */
export interface HttpRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  params: unknown;
  query: unknown;
  body: unknown;
  raw: { socket: { remoteAddress?: string | undefined } };
  /** What the guard found out. */
  ask?: Ask;
}

export interface HttpReply {
  status(code: number): HttpReply;
  header(name: string, value: string): HttpReply;
  type(contentType: string): HttpReply;
  send(body: string | Buffer | Readable): unknown;
  raw: { once(event: 'close', listener: () => void): unknown; writableFinished: boolean };
}

/** A request whose sender is known and may, with its input as the route says it has to be. */
export interface Ask {
  operation: Operation;
  route: Route;
  /** Absent where nobody needs to be signed in. */
  caller: Caller | undefined;
  /** Of the client, canonical; absent where nobody knows it. */
  address: string | undefined;
  /** The same where it is evidence against its owner; absent where it may be that of a proxy. */
  evidence: string | undefined;
  /** Whether the browser believes to speak to this very host. */
  isLoopback: boolean;
  params: unknown;
  query: unknown;
  body: unknown;
  /** Of a session. */
  cookie: string | undefined;
  /** Of a sign-in that is under way at the provider. */
  oidcCookie: string | undefined;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  userAgent: string | undefined;
  /** Only the head of the answer is asked for. */
  isHead: boolean;
  /** Aborted when the client goes away before it is answered. */
  signal: AbortSignal;
  /** For the audit log, filled by the handler. */
  act: Pick<Act, 'about' | 'before' | 'after'> & { who?: string };
  reply: HttpReply;
}

/** {@link Ask} with the types of its route. */
export type AskOf<O extends Operation> = Omit<Ask, 'caller' | 'params' | 'query' | 'body'> &
  Asked<(typeof ROUTES)[O]> & { caller: (typeof ROUTES)[O]['roles'] extends 'anyone' ? Caller | undefined : Caller };

/** Hands the {@link Ask} to a handler. */
export const Asks = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<HttpRequest>().ask,
);
