import { type Clock, canonicalTarget, printable, type Registry } from '@fleetwall/core';
import { ALLOWLIST, type AllowEntry, exemptTarget, parseBlockDuration } from '@fleetwall/response';
import { consoleError } from '../api/errors.js';
import { iso, isoIf } from '../api/iso.js';

/** The allowlist: the same documents that `fleetwall allow` writes and the response service follows. */
export class AllowList {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  async list() {
    return (await this.registry.list<AllowEntry>(ALLOWLIST)).map(({ id, value }) => entryView(id, value));
  }

  async get(text: string): Promise<AllowEntry | undefined> {
    return (await this.registry.get<AllowEntry>(ALLOWLIST, canonicalTarget(text)))?.value;
  }

  /** Throws ADDRESS_INVALID, ALLOW_REFUSED, DURATION_INVALID. */
  async put(text: string, reason: string, owner: string, duration: string | undefined) {
    exemptTarget(text, '');
    const target = canonicalTarget(text);
    const createdMs = this.clock();
    const until = duration === undefined ? {} : { untilMs: createdMs + parseBlockDuration(duration) };
    const entry: AllowEntry = { reason: printable(reason), owner, createdMs, ...until };
    await this.registry.put(ALLOWLIST, target, entry);
    return entryView(target, entry);
  }

  /** Throws ADDRESS_INVALID, NOT_FOUND. */
  async delete(text: string): Promise<void> {
    const target = canonicalTarget(text);
    if (!(await this.registry.get(ALLOWLIST, target)))
      throw consoleError('NOT_FOUND', { what: 'entry of the allowlist' });
    await this.registry.delete(ALLOWLIST, target);
  }
}

function entryView(target: string, { reason, owner, createdMs, untilMs }: AllowEntry) {
  return { target, reason, owner, created: iso(createdMs), ...isoIf('until', untilMs) };
}
