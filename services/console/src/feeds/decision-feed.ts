import type { Clock } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { Kept } from '../api/kept.js';
import type { EnforcementBoard } from '../blocks/enforcement-board.js';
import type { Rails } from '../blocks/rails.js';
import type { TenantHosts } from '../tenancy/tenant-hosts.js';
import type { BoardPosition, DecisionBoard } from './decision-board.js';
import { type DecisionReader, type DecisionView, decisionView, NEVER, newsSince } from './decision-view.js';
import type { PullClient, PullPositions } from './pull-positions.js';

export interface DecisionFeedParts {
  board: DecisionBoard;
  /** What hosts said of themselves. */
  enforcement: EnforcementBoard;
  positions: PullPositions;
  tenantHosts: TenantHosts;
  rails: Rails;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Of one reader, at one moment. */
export interface ReadView {
  view: DecisionView;
  position: BoardPosition;
}

/** As many bouncers as there are may ask; the blocks are gone through once in this time at most for readers alike. */
const VIEW_KEPT_MS = 500;

/** What is to be kept out, for programs of others that do it: bouncers, firewalls, proxies. */
export class DecisionFeed {
  readonly #parts: DecisionFeedParts;
  readonly #views: Kept<ReadView>;

  constructor(parts: DecisionFeedParts) {
    this.#parts = parts;
    this.#views = new Kept(parts.clock);
  }

  /** @param isWeb also what is blocked on the ports of web applications only */
  read(caller: Caller, isWeb: boolean): Promise<ReadView> {
    const key = JSON.stringify([caller.tenant ?? null, isWeb]);
    return this.#views.of(key, VIEW_KEPT_MS, (nowMs) => this.#make(caller, isWeb, nowMs));
  }

  /** What is news for a client; the whole at its start. What was told is remembered, unless it only looks. */
  async pull(caller: Caller, client: PullClient, { isStart, isWeb }: { isStart: boolean; isWeb: boolean }) {
    const { positions, onError } = this.#parts;
    const { view, position } = await this.read(caller, isWeb);
    const since = isStart ? NEVER : await positions.since(client, position);
    // Whoever cannot be remembered is told the same once more.
    await positions.told(client, position, isStart).catch(onError);
    return newsSince(view, since);
  }

  async #make(caller: Caller, isWeb: boolean, nowMs: number): Promise<ReadView> {
    const { board, rails } = this.#parts;
    await board.caughtUp;
    const [reader, allowed] = await Promise.all([this.#readerOf(caller, isWeb), rails.allowlist()]);
    const { epoch, revision } = board.position;
    const isArmed = this.#isArmed(reader);
    board.forgetOld();
    const view = decisionView(isArmed ? board.blocks() : reportOnly(board), reader, allowed, nowMs);
    return { view, position: { epoch: `${epoch} ${isArmed ? 'armed' : 'report only'}`, revision } };
  }

  async #readerOf({ tenant }: Caller, isWeb: boolean): Promise<DecisionReader> {
    if (tenant === undefined) return { isWeb };
    return { isWeb, tenant: { name: tenant, hosts: await this.#parts.tenantHosts.of(tenant) } };
  }

  /**
   * Where every host that told of itself only reports, nothing is kept out elsewhere either. Where none ever did, there
   * is nobody to arm: who made the key has said so.
   */
  #isArmed({ tenant }: DecisionReader): boolean {
    const { enforcement } = this.#parts;
    const own = enforcement.hosts(tenant?.hosts);
    const hosts = own.length > 0 ? own : enforcement.hosts();
    return hosts.length === 0 || hosts.some(({ armed }) => armed);
  }
}

/** The same blocks, none of which holds. */
function* reportOnly(board: DecisionBoard) {
  for (const block of board.blocks()) yield { ...block, isActive: false };
}
