import type { ErasureSubject } from './erasures.js';

/** What the audit log has of an erasure: never about whom, so that the subject is not to be found again by it. */
export function erasureAct({ kind, value }: ErasureSubject, reference: string) {
  return {
    about: kind === 'tenant' ? 'a tenant' : `one ${kind}`,
    after: { reference: withoutSubject(reference, value) },
  };
}

/** A reference that names whom it is about says nothing. */
function withoutSubject(reference: string, value: string): string {
  return reference.toLowerCase().includes(value.toLowerCase()) ? '(it named the subject)' : reference;
}
