import {
  applyDecorators,
  Delete,
  Get,
  HttpCode,
  Patch,
  Post,
  Put,
  SetMetadata,
  type StreamableFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { z } from 'zod';
import { ActRecorder } from './act-recorder.js';
import { ApiGuard, OPERATION } from './api-guard.js';
import type { AskOf } from './ask.js';
import type { Route } from './route.js';
import { API_ROOT, FEED_ROOT, type Operation, ROUTES } from './routes.js';

const VERBS = { get: Get, post: Post, put: Put, patch: Patch, delete: Delete } as const;

/** A handler that answers what its route says. */
type Handler<O extends Operation> = (ask: AskOf<O>) => Answered<O> | Promise<Answered<O>>;
type Answered<O extends Operation> = (typeof ROUTES)[O] extends { streams: unknown }
  ? StreamableFile
  : (typeof ROUTES)[O] extends { answer: infer A extends z.ZodType }
    ? z.input<A>
    : unknown;

/** Binds a handler to its row of the table: method, path, status, who may, and the record of the act. */
export function Endpoint<O extends Operation>(operation: O) {
  const { method, path, status, isFeed }: Route = ROUTES[operation];
  const roots = isFeed ? [API_ROOT, FEED_ROOT] : [API_ROOT];
  const bind = applyDecorators(
    VERBS[method](roots.map((root) => `${root}${path.replace(/\{(\w+)\}/g, ':$1')}`)),
    HttpCode(status ?? 200),
    SetMetadata(OPERATION, operation),
    UseGuards(ApiGuard),
    UseInterceptors(ActRecorder),
  );
  return <T extends Handler<O>>(target: object, name: string, descriptor: TypedPropertyDescriptor<T>): void =>
    bind(target, name, descriptor);
}
