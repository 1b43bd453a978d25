import {
  type Block,
  type BlockScope,
  type BlocksRequest,
  type Clock,
  canonicalTarget,
  type DecisionStore,
  encodePosition,
  positionOfBlock,
  scopeText,
} from '@fleetwall/core';
import { coverageOf, isEnded, parseBlockDuration } from '@fleetwall/response';
import type { RequestDesk } from '@fleetwall/service';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { fitting, pagesOf } from '../api/pages.js';
import type { TenantHosts } from '../tenancy/tenant-hosts.js';
import type { BlockViews } from './block-view.js';
import type { EnforcementBoard } from './enforcement-board.js';
import type { Rails } from './rails.js';

export interface BlocksParts {
  decisions: DecisionStore;
  desk: RequestDesk;
  clock: Clock;
  views: BlockViews;
  board: EnforcementBoard;
  rails: Rails;
  tenantHosts: TenantHosts;
}

export interface WantedBlock {
  target: string;
  scope: string;
  duration: string;
  ports?: 'all' | 'web';
}

const MOST_COVERING = 20;
const MOST_OF_TARGET = 1_000;
/** A page of what a tenant may see takes this many pages of the store at most. */
const MOST_PAGES = 10;
const YEAR_MS = 366 * 86_400_000;

/** What people ask about blocks, and what they ask for. */
export class Blocks {
  constructor(private readonly parts: BlocksParts) {}

  /** May be short, or empty, while there is a cursor. */
  async page(request: BlocksRequest, caller: Caller) {
    const { decisions, views } = this.parts;
    const visible: Block[] = [];
    const read = (at: { cursor?: string }) =>
      decisions.blocks({ ...request, limit: request.limit - visible.length, ...at });
    let cursor: string | undefined;
    for await (const page of pagesOf(MOST_PAGES, read, request.cursor)) {
      for (const block of page.blocks) if (await views.isVisible(block, caller)) visible.push(block);
      cursor = page.cursor;
      if (visible.length >= request.limit) break;
    }
    const blocks = await this.shown(visible, caller);
    const many = fitting(blocks);
    if (many < blocks.length) cursor = encodePosition(positionOfBlock(visible[many - 1] as Block));
    return { blocks: blocks.slice(0, many), ...(cursor === undefined ? {} : { cursor }) };
  }

  /** As the caller may see them. */
  shown(blocks: readonly Block[], caller: Caller) {
    return Promise.all(blocks.map((block) => this.parts.views.of(block, caller)));
  }

  /** A page of the blocks that are not over, and share an address with a target. */
  live(target: string, page: { limit: number; cursor?: string }) {
    return this.parts.decisions.blocks({ ...this.#live(target), ...page });
  }

  /** The block of exactly this target on the whole fleet, in force or not over yet. */
  async ofFleet(target: string, caller: Caller) {
    const { blocks } = await this.parts.decisions.blocks({
      ...this.#live(target),
      scope: 'fleet',
      limit: MOST_OF_TARGET,
    });
    const block = blocks.find((one) => one.target === target);
    return block && this.parts.views.of(block, caller);
  }

  /** Throws ADDRESS_INVALID, DURATION_INVALID, SCOPE_FOREIGN. */
  async preview(wanted: WantedBlock, caller: Caller) {
    const { rails, board, tenantHosts } = this.parts;
    const target = canonicalTarget(wanted.target);
    const scope = await this.#permittedScope(wanted.scope, caller);
    const untilMs = this.parts.clock() + parseBlockDuration(wanted.duration);
    const verdict = await rails.judge(target, scope.type);
    const within =
      scope.type === 'fleet' ? undefined : scope.type === 'host' ? new Set([scope.id]) : await tenantHosts.of(scope.id);
    return {
      target,
      scope: scopeText(scope),
      until: iso(untilMs),
      ports: wanted.ports ?? ('all' as const),
      allowed: verdict.allowed,
      ...(verdict.allowed ? {} : { reason: verdict.reason }),
      except: verdict.allowed ? verdict.except : [],
      covers: BigInt(coverageOf(target)).toString(),
      hosts: board.hosts(within).map(({ host, armed }) => ({ host, armed })),
      coveredBy: (await this.page({ ...this.#live(target), limit: MOST_COVERING }, caller)).blocks,
    };
  }

  /** Resolves when it was decided. Throws what the response service says, and all that {@link preview} does. */
  async block(wanted: WantedBlock & { comment: string }, caller: Caller) {
    const target = canonicalTarget(wanted.target);
    const scope = await this.#permittedScope(wanted.scope, caller);
    const durationMs = parseBlockDuration(wanted.duration);
    const { comment } = wanted;
    const ports = wanted.ports === 'web' ? { ports: wanted.ports } : {};
    await this.parts.desk.ask({ type: 'block', target, scope, durationMs, ...ports, by: caller.name, comment });
    return { target, scope: scopeText(scope), until: iso(this.parts.clock() + durationMs) };
  }

  /** Throws NOT_FOUND, SCOPE_FOREIGN, NOT_BLOCKED. */
  async lift(text: string, comment: string, caller: Caller): Promise<string> {
    const target = canonicalTarget(text);
    if (caller.tenant !== undefined) await this.#mustBeOwn(target, caller, caller.tenant);
    await this.parts.desk.ask({ type: 'unblock', target, by: caller.name, comment });
    return target;
  }

  /** A lift ends every block of the target, whatever its scope: so all of them have to be the tenant's. */
  async #mustBeOwn(target: string, caller: Caller, tenant: string): Promise<void> {
    const { decisions, views } = this.parts;
    const { blocks } = await decisions.blocks({ ...this.#live(target), limit: MOST_OF_TARGET });
    const live = blocks.filter((block) => block.target === target && !isEnded(block));
    const areVisible = await Promise.all(live.map((block) => views.isVisible(block, caller)));
    if (!areVisible.includes(true)) throw consoleError('NOT_FOUND', { what: 'block' });
    if (areVisible.includes(false) || live.some(({ scope }) => scope.type === 'fleet'))
      throw consoleError('SCOPE_FOREIGN', { tenant });
  }

  #live(address: string) {
    const nowMs = this.parts.clock();
    return { fromMs: nowMs, toMs: nowMs + YEAR_MS, address };
  }

  async #permittedScope(text: string, { tenant }: Caller): Promise<BlockScope> {
    const scope = scopeOf(text);
    if (tenant === undefined) return scope;
    const isOwn =
      scope.type === 'tenant'
        ? scope.id === tenant
        : scope.type === 'host' && (await this.parts.tenantHosts.of(tenant)).has(scope.id);
    if (!isOwn) throw consoleError('SCOPE_FOREIGN', { tenant });
    return scope;
  }
}

/** The reverse of core's `scopeText`; the route has checked the form. */
function scopeOf(text: string): BlockScope {
  if (text === 'fleet') return { type: 'fleet' };
  const [type, id] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  return { type: type as 'tenant' | 'host', id };
}
