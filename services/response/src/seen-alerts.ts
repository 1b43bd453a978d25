import type { AlertChange } from '@fleetwall/core';

const MAX_ALERTS = 50_000;

/**
 * The versions of the alerts that were heard of last, those that are closed included: what comes again, or late from an
 * instance that lost its place, is known by them.
 */
export class SeenAlerts {
  /** The one heard of longest ago first. */
  readonly #versions = new Map<string, number>();

  /** Whether this says more of its alert than is known. */
  isNew({ id, version }: AlertChange): boolean {
    return version > (this.#versions.get(id) ?? 0);
  }

  /** Then it is known. */
  add({ id, version }: AlertChange): void {
    const known = this.#versions.get(id) ?? 0;
    this.#versions.delete(id);
    this.#versions.set(id, Math.max(known, version));
    if (this.#versions.size > MAX_ALERTS) this.#versions.delete(this.#versions.keys().next().value as string);
  }
}
