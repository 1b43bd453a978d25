import type { AlertInFull } from '../api/types.js';

/** As many hosts as a timeline draws. */
const SHOWN_HOSTS = 30;

interface Mark {
  id: string;
  host: string;
  ms: number;
  isSuccess: boolean;
}

export interface Marks {
  /** By when they first saw it. */
  hosts: string[];
  /** Hosts past those drawn. */
  hidden: number;
  marks: Mark[];
  /** When the first block began, if within the time drawn or after it. */
  blockedMs: number | undefined;
  fromMs: number;
  toMs: number;
}

/** What the timeline of an alert draws: the evidence that is kept, and the first block that it led to. */
export function marksOf({
  evidence,
  blocks,
  first,
  last,
}: Pick<AlertInFull, 'evidence' | 'blocks' | 'first' | 'last'>): Marks {
  const all = evidence
    .map(({ attemptId, host, time, events }) => ({
      id: attemptId,
      host,
      ms: Date.parse(time),
      isSuccess: events.some((event) => event['event.outcome'] === 'success'),
    }))
    .sort((a, b) => a.ms - b.ms);
  const known = [...new Set(all.map(({ host }) => host))];
  const hosts = known.slice(0, SHOWN_HOSTS);
  const blockedMs =
    blocks.length === 0 ? undefined : Math.min(...blocks.map(({ history, at }) => Date.parse(history[0]?.at ?? at)));
  const times = [Date.parse(first), Date.parse(last), ...all.map(({ ms }) => ms), ...(blockedMs ? [blockedMs] : [])];
  return {
    hosts,
    hidden: known.length - hosts.length,
    marks: all.filter(({ host }) => hosts.includes(host)),
    blockedMs,
    fromMs: Math.min(...times),
    toMs: Math.max(...times),
  };
}
