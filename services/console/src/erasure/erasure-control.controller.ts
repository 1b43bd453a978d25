import { ControlGuard } from '@fleetwall/service';
import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { consoleError } from '../api/errors.js';
import { AuditLog } from '../audit/audit-log.js';
import { withoutSubject } from './erasure.controller.js';
import { ERASURE_ROUTES } from './erasure-routes.js';
import { Erasures } from './erasures.js';

const by = z.string().min(1).max(200);
const previewBody = ERASURE_ROUTES.previewErasure.body;
const eraseBody = ERASURE_ROUTES.erase.body.extend({ by });

/** Erasures for the command line, over the control socket only. */
@Controller('control/v1/erasures')
@UseGuards(ControlGuard)
export class ErasureControlController {
  constructor(
    @Inject(Erasures) private readonly erasures: Erasures,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  @Post('preview')
  @HttpCode(200)
  preview(@Body() body: unknown) {
    return this.erasures.preview(parsed(previewBody, body));
  }

  @Post()
  @HttpCode(200)
  async erase(@Body() body: unknown) {
    const { by: who, reference, ...subject } = parsed(eraseBody, body);
    const act = { who, what: 'erase', about: `one ${subject.kind}` };
    const named = { reference: withoutSubject(reference, subject.value) };
    try {
      const { remains, ...erased } = await this.erasures.erase(subject);
      await this.audit.record({ ...act, after: { ...named, ...erased }, outcome: 'done' });
      return { ...erased, remains };
    } catch (error) {
      await this.audit.record({ ...act, after: named, outcome: 'failed' });
      throw error;
    }
  }
}

/** Throws INPUT_INVALID that names the field. */
function parsed<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw consoleError('INPUT_INVALID', { field: issue?.path.join('.') || 'body', reason: issue?.message ?? 'is wrong' });
}
