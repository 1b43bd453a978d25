import { FleetwallError } from '@fleetwall/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { serviceError } from './errors.js';
import { HttpError } from './http-error.js';

/** The parts of Fastify's request and reply that are used here. */
interface Request {
  url: string;
}

interface Reply {
  status(code: number): Reply;
  type(contentType: string): Reply;
  send(body: unknown): void;
}

/**
 * Errors as JSON with code, message and hint: what the command line shows. Under `/api/` as RFC 9457 has it, under `/v1/`
 * with a message besides; both without the words of what failed inside: those are in the log.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #log = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const { url } = host.switchToHttp().getRequest<Request>();
    const { status, told } = answerTo(error);
    const isApi = url.startsWith('/api/');
    if (!isApi && !url.startsWith('/v1/')) {
      reply.status(status).send({ code: told.code, message: told.message, hint: told.hint });
      return;
    }
    if (told.code === 'INTERNAL') this.#log.error(error instanceof Error ? (error.stack ?? error.message) : error);
    const problem = problemOf(status, told);
    // Bouncers of CrowdSec read the message of an error, and some end where there is none.
    const body = isApi ? problem : { ...problem, message: problem.detail };
    reply
      .status(status)
      .type(isApi ? 'application/problem+json' : 'application/json')
      .send(body);
  }
}

function answerTo(error: unknown): { status: number; told: FleetwallError } {
  if (error instanceof HttpError) return { status: error.status, told: error };
  if (error instanceof FleetwallError) return { status: error.retryable ? 503 : 422, told: error };
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof HttpException) return { status: error.getStatus(), told: serviceError('HTTP', { reason }) };
  return { status: 500, told: serviceError('INTERNAL', { reason }) };
}

function problemOf(status: number, { code, message, hint, details }: FleetwallError) {
  const { column } = details;
  return {
    type: `urn:fleetwall:error:${code}`,
    title: code,
    status,
    detail: code === 'INTERNAL' ? 'Something failed inside the service.' : message,
    code,
    hint,
    ...(column === undefined ? {} : { column }),
  };
}
