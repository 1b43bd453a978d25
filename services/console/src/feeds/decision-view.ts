import { type BlockScope, networkText, overlaps, parseNetwork } from '@fleetwall/core';
import { pieces } from '@fleetwall/response';
import type { Sheltered } from '../blocks/rails.js';
import type { DecidedBlock } from './decision-board.js';

/** Who reads decisions. */
export interface DecisionReader {
  /** Absent: who keeps out for the whole fleet, and so takes no word that holds on some hosts only. */
  tenant?: { name: string; hosts: ReadonlySet<string> };
  /** It stands before web applications alone, so what holds on their ports only is for it too. */
  isWeb: boolean;
}

/** One address or network that is kept out; whatever number of blocks say so. */
export interface Decision {
  value: string;
  untilMs: number;
  rule: string;
  revision: number;
  /** When it was last news though no record says so. */
  changedMs: number;
}

/** One that is not kept out any more. */
export interface EndedDecision {
  value: string;
  rule: string;
  /** When time or an exemption ended it; 0: a record did. */
  endedMs: number;
  revision: number;
}

/** What holds and what is over, by value; none is in both. */
export interface DecisionView {
  inForce: ReadonlyMap<string, Decision>;
  ended: ReadonlyMap<string, EndedDecision>;
}

/** The last that a client was told. */
export interface Since {
  revision: number;
  timeMs: number;
}

/** Nothing yet: everything is news. */
export const NEVER: Since = { revision: 0, timeMs: 0 };

/** Clocks of several consoles differ; saying a thing twice does no harm. */
const SLACK_MS = 60_000;

export function decisionView(
  blocks: Iterable<DecidedBlock>,
  reader: DecisionReader,
  allowed: readonly Sheltered[],
  nowMs: number,
): DecisionView {
  const inForce = new Map<string, Decision>();
  const ended = new Map<string, EndedDecision>();
  for (const block of blocks) {
    if (!concerns(block.scope, reader)) continue;
    const { rule, revision, untilMs } = block;
    for (const [value, retiredAt] of block.retired) addEnded(ended, { value, rule, revision: retiredAt, endedMs: 0 });
    for (const value of block.values) {
      if (holds(block, reader, nowMs)) addHeld(inForce, ended, value, block, allowed, nowMs);
      else if (block.wasActive) addEnded(ended, { value, rule, revision, endedMs: untilMs <= nowMs ? untilMs : 0 });
    }
  }
  for (const [value, { revision }] of ended) {
    const held = inForce.get(value);
    if (!held) continue;
    // The longer of two may be over: the end that is left is news.
    inForce.set(value, { ...held, revision: Math.max(held.revision, revision) });
    ended.delete(value);
  }
  return { inForce, ended };
}

/** What is news since then: each value in one of both at most. */
export function newsSince({ inForce, ended }: DecisionView, { revision, timeMs }: Since) {
  const sinceMs = timeMs - SLACK_MS;
  return {
    begun: [...inForce.values()].filter((one) => one.revision > revision || one.changedMs > sinceMs),
    ended: [...ended.values()].filter((one) => one.revision > revision || one.endedMs > sinceMs),
  };
}

function concerns(scope: BlockScope, { tenant }: DecisionReader): boolean {
  if (scope.type === 'fleet') return true;
  if (!tenant) return false;
  return scope.type === 'tenant' ? scope.id === tenant.name : tenant.hosts.has(scope.id);
}

function holds({ isActive, atMs, untilMs, ports }: DecidedBlock, { isWeb }: DecisionReader, nowMs: number): boolean {
  return isActive && atMs <= nowMs && nowMs < untilMs && (ports === undefined || isWeb);
}

/** Without what was allowed after the block was made: the response service will say so too, when it has got there. */
function addHeld(
  inForce: Map<string, Decision>,
  ended: Map<string, EndedDecision>,
  value: string,
  block: DecidedBlock,
  allowed: readonly Sheltered[],
  nowMs: number,
): void {
  const { rule, revision, untilMs, atMs, againMs } = block;
  const said = againMs !== undefined && againMs <= nowMs ? againMs : atMs;
  const exempt = overlapping(allowed, value);
  if (exempt.length === 0) {
    addLongest(inForce, { value, untilMs, rule, revision, changedMs: said });
    return;
  }
  const sinceMs = Math.max(...exempt.map((one) => one.sinceMs));
  addEnded(ended, { value, rule, revision, endedMs: sinceMs });
  const rest = pieces(
    value,
    exempt.map(({ network }) => networkText(network)),
  );
  for (const piece of rest)
    addLongest(inForce, { value: piece, untilMs, rule, revision, changedMs: Math.max(said, sinceMs) });
}

function overlapping(allowed: readonly Sheltered[], value: string): readonly Sheltered[] {
  if (allowed.length === 0) return allowed;
  const held = parseNetwork(value);
  return allowed.filter(({ network }) => overlaps(network, held));
}

/** The longest of several counts, and what is news of one of them is. */
function addLongest(inForce: Map<string, Decision>, decision: Decision): void {
  const other = inForce.get(decision.value);
  const longest = other && other.untilMs > decision.untilMs ? other : decision;
  const revision = Math.max(decision.revision, other?.revision ?? 0);
  inForce.set(decision.value, {
    ...longest,
    revision,
    changedMs: Math.max(decision.changedMs, other?.changedMs ?? 0),
  });
}

function addEnded(ended: Map<string, EndedDecision>, one: EndedDecision): void {
  const other = ended.get(one.value);
  const revision = Math.max(one.revision, other?.revision ?? 0);
  ended.set(one.value, { ...one, revision, endedMs: Math.max(one.endedMs, other?.endedMs ?? 0) });
}
