import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { Erasures } from './erasures.js';

@Controller()
export class ErasureController {
  constructor(@Inject(Erasures) private readonly erasures: Erasures) {}

  @Endpoint('previewErasure')
  previewErasure(@Asks() { body }: AskOf<'previewErasure'>) {
    return this.erasures.preview(body);
  }

  /** The record says what was done, never about whom: the subject is not to be found again by it. */
  @Endpoint('erase')
  async erase(@Asks() { body, act }: AskOf<'erase'>) {
    const { reference, ...subject } = body;
    act.about = `${subject.kind === 'tenant' ? 'a' : 'one'} ${subject.kind}`;
    act.after = { reference: withoutSubject(reference, subject.value) };
    const { remains, ...erased } = await this.erasures.erase(subject);
    act.after = { reference: withoutSubject(reference, subject.value), ...erased };
    return { ...erased, remains };
  }
}

/** A reference that names whom it is about says nothing. */
export function withoutSubject(reference: string, value: string): string {
  return reference.toLowerCase().includes(value.toLowerCase()) ? '(it named the subject)' : reference;
}
