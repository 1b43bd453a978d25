import { ControlGuard } from '@fleetwall/service';
import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { parsed } from '../api/parsed.js';
import { AuditLog } from '../audit/audit-log.js';
import { erasureAct } from './erasure-act.js';
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
    return this.erasures.preview(parsed(previewBody, body ?? {}));
  }

  @Post()
  @HttpCode(200)
  async erase(@Body() body: unknown) {
    const { by: who, reference, ...subject } = parsed(eraseBody, body ?? {});
    const act = { who, what: 'erase', ...erasureAct(subject, reference) };
    try {
      const { remains, ...erased } = await this.erasures.erase(subject);
      await this.audit.record({ ...act, after: { ...act.after, ...erased }, outcome: 'done' });
      return { ...erased, remains };
    } catch (error) {
      await this.audit.record({ ...act, outcome: 'failed' });
      throw error;
    }
  }
}
