import { FleetwallError } from '@fleetwall/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { serviceError } from './errors.js';

/** The part of Fastify's reply that is used here. */
interface Reply {
  status(code: number): Reply;
  send(body: unknown): void;
}

/** Errors as JSON with code, message and hint: what the command line shows. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const { status, told } = answerTo(error);
    reply.status(status).send({ code: told.code, message: told.message, hint: told.hint });
  }
}

function answerTo(error: unknown): { status: number; told: FleetwallError } {
  if (error instanceof FleetwallError) return { status: error.retryable ? 503 : 422, told: error };
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof HttpException) return { status: error.getStatus(), told: serviceError('HTTP', { reason }) };
  return { status: 500, told: serviceError('INTERNAL', { reason }) };
}
