import {
  type Block,
  type BlockReason,
  contains,
  countedAs,
  type EventStore,
  type FleetEvent,
  parseNetwork,
  portsText,
  type Query,
  scopeText,
} from '@fleetwall/core';
import { type BlockBook, evidenceQuery, isLineOf, sourceQuery } from '@fleetwall/response';

/** Why a target is blocked (or not): each block with its reasons and the lines behind them, from every host. */
export interface Explanation {
  target: string;
  blocked: boolean;
  /** Why the host that is asked would refuse to block it, if it would. */
  refusedHere: string | undefined;
  blocks: {
    target: string;
    scope: string;
    state: Block['state'];
    at: string;
    until: string;
    /** In words: `all ports`, `web ports only`. */
    ports: string;
    offence: number;
    reasons: { rule: string; summary: string; evidence: EvidenceLine[] }[];
  }[];
  /** The latest lines about the target, whether they counted or not. */
  latest: EvidenceLine[];
}

export interface EvidenceLine {
  time: string;
  host: string;
  line: string;
}

const DAY_MS = 86_400_000;
const LATEST = 20;

export async function explain(
  target: string,
  book: BlockBook,
  store: EventStore,
  refusal: (target: string) => string | undefined,
): Promise<Explanation> {
  const network = parseNetwork(target.includes('/') ? target : countedAs(target));
  const blocks = [...book.all()].filter((block) => contains(parseNetwork(block.target), network));
  const latest = await eventsOf(store, sourceQuery(target), LATEST);
  return {
    target,
    blocked: blocks.some(({ state }) => state === 'active'),
    refusedHere: refusal(target),
    blocks: await Promise.all(
      blocks.map(async (block) => ({
        target: block.target,
        scope: scopeText(block.scope),
        state: block.state,
        at: iso(block.atMs),
        until: iso(block.untilMs),
        ports: portsText(block.ports),
        offence: block.offence,
        reasons: await Promise.all(block.reasons.map((reason) => explainReason(reason, store))),
      })),
    ),
    latest: latest.map(lineOf),
  };
}

async function explainReason(reason: BlockReason, store: EventStore) {
  if (reason.type === 'person') {
    const rule = reason.listedMs === undefined ? 'by hand' : 'denylist';
    return { rule, summary: `${reason.by}: ${reason.comment}`, evidence: [] };
  }
  const events = reason.evidence.length > 0 ? await eventsOf(store, evidenceQuery(reason.evidence), 1_000) : [];
  const evidence = reason.evidence.map((piece) => {
    const own = events.filter((event) => isLineOf(event, piece));
    const told = own.find((event) => event['fleetwall.attempt.role'] === 'attempt') ?? own[0];
    return { time: iso(piece.timeMs), host: piece.host, line: told?.['event.original'] ?? '(no longer stored)' };
  });
  return { rule: reason.rule, summary: reason.summary, evidence };
}

async function eventsOf(store: EventStore, query: Query, limit: number): Promise<FleetEvent[]> {
  const range = { fromMs: Date.now() - 31 * DAY_MS, toMs: Date.now() + DAY_MS };
  return (await store.search({ query, range, order: 'newest', limit })).events;
}

function lineOf(event: FleetEvent): EvidenceLine {
  return { time: iso(event['@timestamp']), host: event['host.name'], line: event['event.original'] };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
