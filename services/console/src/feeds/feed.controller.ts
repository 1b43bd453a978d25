import type { Clock } from '@fleetwall/core';
import { Controller, HttpStatus, Inject, StreamableFile } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import type { Caller } from '../api/caller.js';
import { Endpoint } from '../api/endpoint.js';
import { CONSOLE_OPTIONS, type ConsoleOptions } from '../console-options.js';
import { blocklistText, etagOf, isMatch } from './blocklist.js';
import { type BouncerDecision, begunDecision, bouncerFilter, endedDecision } from './bouncer-decision.js';
import { DecisionFeed } from './decision-feed.js';
import { programOf } from './pull-positions.js';

/** What CrowdSec's own firewall bouncer is; it begins with an empty set, so what is over is nothing to it. */
const FIREWALL_BOUNCER = 'crowdsec-firewall-bouncer';

/** Blocks for programs of others: the two calls of CrowdSec's local API that its bouncers make, and a plain list. */
@Controller()
export class FeedController {
  readonly #clock: Clock;

  constructor(
    @Inject(DecisionFeed) private readonly feed: DecisionFeed,
    @Inject(CONSOLE_OPTIONS) { clock }: ConsoleOptions,
  ) {
    this.#clock = clock;
  }

  @Endpoint('streamDecisions')
  async streamDecisions(@Asks() { query, caller, address, isHead, userAgent }: AskOf<'streamDecisions'>) {
    // Who looks whether the endpoint is there has been told nothing.
    if (isHead) return { new: null, deleted: null };
    const isStart = query.startup === 'true';
    const isAsked = bouncerFilter(query);
    const client = { key: caller.name, address, program: programOf(userAgent) };
    const { begun, ended } = await this.feed.pull(caller, client, { isStart, isWeb: isForWeb(caller) });
    const nowMs = this.#clock();
    const isFresh = isStart && client.program === FIREWALL_BOUNCER;
    return {
      new: orNull(begun.filter(isAsked).map((one) => begunDecision(one, nowMs))),
      deleted: orNull(isFresh ? [] : ended.filter(isAsked).map((one) => endedDecision(one, nowMs))),
    };
  }

  @Endpoint('listDecisions')
  async listDecisions(@Asks() { query, caller }: AskOf<'listDecisions'>) {
    const isAsked = bouncerFilter(query);
    const { view } = await this.feed.read(caller, isForWeb(caller));
    const nowMs = this.#clock();
    const found = [...view.inForce.values()].filter(isAsked).map((one) => begunDecision(one, nowMs));
    // Bouncers compare the body with `null`, byte by byte.
    return new StreamableFile(Buffer.from(JSON.stringify(orNull(found))), { type: 'application/json' });
  }

  @Endpoint('blocklist')
  async blocklist(@Asks() { query, caller, ifNoneMatch, reply }: AskOf<'blocklist'>) {
    const { view } = await this.feed.read(caller, query.scope === 'web');
    const family = query.family === undefined ? undefined : query.family === '4' ? 4 : 6;
    const body = blocklistText(view.inForce.keys(), family);
    const etag = etagOf(body);
    reply.header('etag', etag).header('cache-control', 'private, no-cache');
    const isKnown = isMatch(ifNoneMatch, etag);
    if (isKnown) reply.status(HttpStatus.NOT_MODIFIED);
    return new StreamableFile(Buffer.from(isKnown ? '' : body), { type: 'text/plain; charset=utf-8' });
  }
}

/** The key was made for what stands before web applications alone. */
function isForWeb({ scopes }: Caller): boolean {
  return scopes?.includes('decisions:web') ?? false;
}

/** Go writes an empty list so. */
function orNull(decisions: BouncerDecision[]): BouncerDecision[] | null {
  return decisions.length > 0 ? decisions : null;
}
