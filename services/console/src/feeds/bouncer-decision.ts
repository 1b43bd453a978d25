import { createHash } from 'node:crypto';
import { contains, parseNetwork } from '@fleetwall/core';
import type { Decision, EndedDecision } from './decision-view.js';
import { goDuration } from './go-duration.js';

/** A decision as CrowdSec's local API words it (`models.Decision` of its swagger description). */
export interface BouncerDecision {
  /** Of the value, so that what is deleted is what was new. */
  id: number;
  origin: string;
  scenario: string;
  scope: 'Ip' | 'Range';
  type: 'ban';
  value: string;
  duration: string;
}

/** What a bouncer asks for; lists are parted by commas, as the local API has them. */
export interface BouncerFilter {
  scopes?: string | undefined;
  scope?: string | undefined;
  origins?: string | undefined;
  scenarios_containing?: string | undefined;
  scenarios_not_containing?: string | undefined;
  type?: string | undefined;
  value?: string | undefined;
  ip?: string | undefined;
  range?: string | undefined;
  contains?: string | undefined;
}

/**
 * Always the same, whoever decided: a bouncer that keeps decisions by their origin would not find one again whose reasons
 * have changed.
 */
const ORIGIN = 'fleetwall';

/** What of a decision a bouncer knows it by. */
type Told = Pick<Decision, 'value' | 'rule'>;

export function begunDecision({ untilMs, ...told }: Decision, nowMs: number): BouncerDecision {
  return { ...identity(told), duration: goDuration(untilMs - nowMs) };
}

export function endedDecision({ endedMs, ...told }: EndedDecision, nowMs: number): BouncerDecision {
  return { ...identity(told), duration: goDuration(endedMs === 0 ? -1 : Math.min(-1, endedMs - nowMs)) };
}

function identity(told: Told) {
  const id = createHash('sha256').update(told.value).digest().readUIntBE(0, 6);
  return { id, ...worded(told) };
}

function worded({ value, rule }: Told) {
  const scope = value.includes('/') ? ('Range' as const) : ('Ip' as const);
  return { origin: ORIGIN, scenario: `fleetwall/${rule}`, scope, type: 'ban' as const, value };
}

/** Answers whether a decision is asked for. Throws ADDRESS_INVALID. */
export function bouncerFilter(filter: BouncerFilter): (decision: Told) => boolean {
  const scopes = wordsOf(filter.scopes ?? filter.scope);
  const origins = wordsOf(filter.origins);
  const wanted = wordsOf(filter.scenarios_containing);
  const unwanted = wordsOf(filter.scenarios_not_containing);
  const isWithin = networkFilter(filter);
  return (decision) => {
    const { scope, origin, scenario, type, value } = worded(decision);
    const words = scenario.toLowerCase();
    return (
      (scopes?.includes(scope.toLowerCase()) ?? true) &&
      (origins?.includes(origin) ?? true) &&
      (wanted?.some((word) => words.includes(word)) ?? true) &&
      !(unwanted?.some((word) => words.includes(word)) ?? false) &&
      (filter.type === undefined || filter.type.toLowerCase() === type) &&
      (filter.value === undefined || filter.value === value) &&
      isWithin(value)
    );
  };
}

/** Decisions that hold the address or range asked for; with `contains=false` those inside it. */
function networkFilter({ ip, range, contains: outer }: BouncerFilter): (value: string) => boolean {
  const text = ip ?? range;
  if (text === undefined) return () => true;
  const asked = parseNetwork(text);
  const isInside = /^(false|f|0)$/i.test(outer ?? '');
  return (value) => {
    const network = parseNetwork(value);
    return isInside ? contains(asked, network) : contains(network, asked);
  };
}

function wordsOf(text: string | undefined): string[] | undefined {
  const words = text
    ?.toLowerCase()
    .split(',')
    .map((word) => word.trim());
  return words?.filter((word) => word !== '');
}
