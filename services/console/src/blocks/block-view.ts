import { type Block, type BlockPorts, type BlockReason, type DecisionStore, scopeText } from '@fleetwall/core';
import { isListed } from '@fleetwall/response';
import type { Caller } from '../api/caller.js';
import { iso, isoIf } from '../api/iso.js';
import type { TenantHosts } from '../tenancy/tenant-hosts.js';
import type { EnforcementBoard } from './enforcement-board.js';

/** Blocks as the API shows them: to a tenant only those of its hosts, and of their reasons only its own. */
export class BlockViews {
  constructor(
    private readonly board: EnforcementBoard,
    private readonly tenantHosts: TenantHosts,
    private readonly decisions: DecisionStore,
  ) {}

  /** Whether a block concerns hosts of the caller. */
  async isVisible({ scope }: Block, { tenant }: Caller): Promise<boolean> {
    if (tenant === undefined || scope.type === 'fleet') return true;
    if (scope.type === 'tenant') return scope.id === tenant;
    return (await this.tenantHosts.of(tenant)).has(scope.id);
  }

  async of(block: Block, caller: Caller) {
    const { id, version, target, state, atMs, untilMs, offence, reasons, except, cutSessions, history, ports } = block;
    const shown = await this.#reasonsFor(block, caller);
    return {
      id,
      version,
      target,
      scope: scopeText(block.scope),
      state,
      at: iso(atMs),
      until: iso(untilMs),
      isEndless: isListed(block) && reasons.some((reason) => reason.type === 'person' && reason.isEndless === true),
      isListed: isListed(block),
      ports: portsView(ports),
      offence,
      reasons: shown.map(reasonView),
      hiddenReasons: reasons.length - shown.length,
      except,
      cutSessions,
      history: history.map((past) => ({
        at: iso(past.atMs),
        until: iso(past.untilMs),
        state: past.state,
        ports: portsView(past.ports),
      })),
      enforcement: this.board.of(block, this.board.hosts(await this.#hostsOf(block, caller))),
    };
  }

  /** Hosts of the scope that the caller may know of; undefined: all. */
  async #hostsOf({ scope }: Block, { tenant }: Caller): Promise<ReadonlySet<string> | undefined> {
    if (scope.type === 'host') return new Set([scope.id]);
    const of = tenant ?? (scope.type === 'tenant' ? scope.id : undefined);
    return of === undefined ? undefined : this.tenantHosts.of(of);
  }

  /** What another tenant's alerts say, and what an operator wrote on a block of the whole fleet, is not a tenant's to read. */
  async #reasonsFor({ reasons, scope }: Block, { tenant }: Caller): Promise<BlockReason[]> {
    if (tenant === undefined) return reasons;
    const isOwn = await Promise.all(
      reasons.map(async (reason) =>
        reason.type === 'person'
          ? scope.type !== 'fleet'
          : (await this.decisions.alertById(reason.alertId))?.tenant === tenant,
      ),
    );
    return reasons.filter((_, i) => isOwn[i]);
  }
}

export function portsView(ports: BlockPorts | undefined): 'all' | BlockPorts {
  return ports ?? 'all';
}

function reasonView(reason: BlockReason) {
  if (reason.type === 'person') {
    const { type, by, comment, listedMs } = reason;
    return { type, by, comment, ...isoIf('listed', listedMs) };
  }
  const { type, alertId, rule, ruleId, summary, count, hosts } = reason;
  return { type, alertId, rule, ruleId, summary, count, hosts };
}
