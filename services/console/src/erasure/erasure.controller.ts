import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { erasureAct } from './erasure-act.js';
import { Erasures } from './erasures.js';

@Controller()
export class ErasureController {
  constructor(@Inject(Erasures) private readonly erasures: Erasures) {}

  @Endpoint('previewErasure')
  previewErasure(@Asks() { body }: AskOf<'previewErasure'>) {
    return this.erasures.preview(body);
  }

  @Endpoint('erase')
  async erase(@Asks() { body, act }: AskOf<'erase'>) {
    const { reference, ...subject } = body;
    const { about, after } = erasureAct(subject, reference);
    Object.assign(act, { about, after });
    const { remains, ...erased } = await this.erasures.erase(subject);
    act.after = { ...after, ...erased };
    return { ...erased, remains };
  }
}
