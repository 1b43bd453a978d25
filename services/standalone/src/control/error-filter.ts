import { FleetwallError } from '@fleetwall/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';

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
    if (error instanceof FleetwallError) {
      const { code, message, hint } = error;
      reply.status(error.retryable ? 503 : 422).send({ code, message, hint });
      return;
    }
    if (error instanceof HttpException) {
      reply.status(error.getStatus()).send({ code: 'HTTP', message: error.message, hint: '' });
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    reply.status(500).send({ code: 'INTERNAL', message, hint: 'See the log of the service.' });
  }
}
