import type {
  Clock,
  DesiredBlock,
  Firewall,
  FirewallCapabilities,
  FirewallEntry,
  FirewallKey,
  FirewallState,
} from '@fleetwall/core';
import { entryName, readBatch, type TimedTarget } from './batch.js';
import { firewallError } from './errors.js';

/**
 * The reference firewall, in memory: does with its entries what a real one does, by its clock, and drops no packet.
 *
 * @param reason why nothing is enforced and what to do about it, for {@link FirewallCapabilities}
 */
export class DryRunFirewall implements Firewall {
  readonly #entries = new Map<string, TimedTarget>();
  #closed = false;

  constructor(
    private readonly clock: Clock = Date.now,
    private readonly reason = 'dry run by configuration; choose another firewall to enforce blocks',
  ) {}

  async capabilities(): Promise<FirewallCapabilities> {
    const { reason } = this;
    return { name: 'dry-run', enforces: false, reason, ipv6: true, networks: true, timeouts: true, counters: false };
  }

  async apply(add: DesiredBlock[], remove: (string | FirewallKey)[]): Promise<void> {
    if (this.#closed) throw firewallError('FIREWALL_CLOSED');
    const batch = readBatch(add, remove, this.clock());
    for (const target of batch.remove) this.#entries.delete(entryName(target.text, target.ports));
    for (const target of batch.add) this.#entries.set(entryName(target.text, target.ports), target);
  }

  async list(): Promise<FirewallEntry[]> {
    const nowMs = this.clock();
    this.#expire(nowMs);
    return [...this.#entries.values()].map(({ text: target, ports, untilMs }) => ({
      target,
      ...(ports && { ports }),
      remainingMs: untilMs - nowMs,
    }));
  }

  async verify(): Promise<FirewallState> {
    this.#expire(this.clock());
    return { problems: [], droppedPackets: 0, droppedBytes: 0, entries: this.#entries.size };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async remove(): Promise<void> {
    this.#entries.clear();
  }

  #expire(nowMs: number): void {
    for (const [name, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(name);
  }
}
