import { FleetwallError } from '@fleetwall/core';
import { HttpError } from '@fleetwall/service';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, concatMap, from, type Observable, throwError } from 'rxjs';
import { type Act, AuditLog } from '../audit/audit-log.js';
import type { Ask, HttpRequest } from './ask.js';

/** Writes what became of an act to the audit log, before it is answered. */
@Injectable()
export class ActRecorder implements NestInterceptor {
  constructor(@Inject(AuditLog) private readonly audit: AuditLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const ask = context.switchToHttp().getRequest<HttpRequest>().ask as Ask;
    if (!ask.route.audited) return next.handle();
    return next.handle().pipe(
      concatMap((answer) => this.#record(ask, 'done').then(() => answer)),
      catchError((error: unknown) =>
        from(this.#record(ask, isRefusal(error) ? 'refused' : 'failed', error)).pipe(
          concatMap(() => throwError(() => error)),
        ),
      ),
    );
  }

  #record({ operation, caller, address, act }: Ask, outcome: Act['outcome'], error?: unknown): Promise<void> {
    const { who = caller?.name ?? 'nobody', ...rest } = act;
    return this.audit.record({
      who,
      what: operation,
      ...(caller?.tenant === undefined ? {} : { tenant: caller.tenant }),
      ...(address === undefined ? {} : { from: address }),
      ...rest,
      outcome,
      ...(error instanceof FleetwallError ? { code: error.code } : {}),
    });
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof HttpError ? error.status < 500 : error instanceof FleetwallError && !error.retryable;
}
