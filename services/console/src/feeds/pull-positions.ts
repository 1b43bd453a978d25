import { type Clock, printable, type Registry } from '@fleetwall/core';
import { hashOf } from '../session/secrets.js';
import type { BoardPosition } from './decision-board.js';
import { NEVER, type Since } from './decision-view.js';

const COLLECTION = 'decision-pulls';
/** As long as it is asked for more often, what was news stays news. */
const STEP_MS = 60_000;
/** Who did not ask for so long is told everything. */
const KEPT_MS = 7 * 86_400_000;

/** Who pulls: a key, from an address, as one program. Two bouncers may share a key. */
export interface PullClient {
  key: string;
  address: string | undefined;
  /** Its `User-Agent`, without the version. */
  program: string;
}

/** A document of the registry, where every console finds it. */
interface Pulls extends PullClient {
  epoch: string;
  /** What is news is so since here. */
  older: Since;
  newer: Since;
}

/**
 * How far each client has been told. A client cannot say that an answer arrived, so everything is said in two answers at
 * least, and for a minute at least: the position moves on to where the pull before was.
 */
export class PullPositions {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** Since when there is news for it. */
  async since(client: PullClient, { epoch }: BoardPosition): Promise<Since> {
    const pulls = (await this.registry.get<Pulls>(COLLECTION, idOf(client)))?.value;
    const isKnown = pulls?.epoch === epoch && pulls.newer.timeMs > this.clock() - KEPT_MS;
    return isKnown ? pulls.older : NEVER;
  }

  /** It was told everything up to there. @param isStart it begins anew, and asks again if no answer comes */
  async told(client: PullClient, { epoch, revision }: BoardPosition, isStart: boolean): Promise<void> {
    const id = idOf(client);
    const timeMs = this.clock();
    const known = isStart ? undefined : (await this.registry.get<Pulls>(COLLECTION, id))?.value;
    const before = known?.epoch === epoch ? known.newer : undefined;
    if (before && timeMs - before.timeMs < STEP_MS) return;
    // Another console may have read further than this one.
    const newer = { revision: Math.max(revision, before?.revision ?? 0), timeMs };
    const older = before ?? (isStart ? newer : NEVER);
    await this.registry.put<Pulls>(COLLECTION, id, { ...client, epoch, older, newer });
  }

  /** Forgets those that came no more. */
  async sweep(): Promise<void> {
    const beforeMs = this.clock() - KEPT_MS;
    for (const { id, value } of await this.registry.list<Pulls>(COLLECTION))
      if (value.newer.timeMs < beforeMs) await this.registry.delete(COLLECTION, id);
  }
}

/** What a program calls itself: `crowdsec-firewall-bouncer` of `crowdsec-firewall-bouncer/v0.0.31`. */
export function programOf(userAgent: string | undefined): string {
  return printable(userAgent ?? '', 100).replace(/\/.*$/, '');
}

function idOf({ key, address, program }: PullClient): string {
  return hashOf(JSON.stringify([key, address ?? '', program]));
}
