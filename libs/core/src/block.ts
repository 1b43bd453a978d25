import type { Evidence } from './alert.js';

/**
 * Where a block holds. `fleet` is every host; a `tenant` or `host` scope names its id.
 */
export type BlockScope = { type: 'fleet' } | { type: 'tenant'; id: string } | { type: 'host'; id: string };

/** `fleet`, `tenant:acme`, `host:web-01`: the form in keys, tables and the command line. */
export function scopeText(scope: BlockScope): string {
  return scope.type === 'fleet' ? 'fleet' : `${scope.type}:${scope.id}`;
}

/** `web`: only the ports of web applications, as each host has them; absent wherever it is optional: all ports. */
export type BlockPorts = 'web';

/** As people are shown it. */
export function portsText(ports: BlockPorts | undefined): string {
  return ports === 'web' ? 'web ports only' : 'all ports';
}

export type BlockReason =
  | {
      type: 'alert';
      alertId: string;
      version: number;
      rule: string;
      ruleId: string;
      summary: string;
      /** Attempts of this target that the alert knew of, for telling fresh ones after the block has ended. */
      count: number;
      hosts: string[];
      evidence: Evidence[];
      ports?: BlockPorts;
    }
  | {
      type: 'person';
      by: string;
      comment: string;
      ports?: BlockPorts;
      /** When the entry of the denylist was made that asks for it: the block stands as long as the entry does. */
      listedMs?: number;
      /** The entry has no end: the end of the block is put off again and again. */
      isEndless?: boolean;
    };

/**
 * - `held`: decided, but not before `atMs`: until then a success would forgive it.
 * - `active`: desired on every host of its scope until `untilMs`.
 * - `lifted` (by a person), `withdrawn` (its evidence went), `expired`.
 * - `too-late`: its time was over when its evidence was read (history, a collector that was away): it was never in force.
 * - `dry-run`: the policy says report only.
 */
export type BlockState = 'held' | 'active' | 'lifted' | 'withdrawn' | 'expired' | 'too-late' | 'dry-run';

/**
 * Key of the record in `fleetwall.blocks` that is no block: its value, {@link BlocksEpoch}, says who may write.
 */
export const BLOCKS_EPOCH_KEY = 'epoch';

/**
 * Which instance of the response service writes blocks. Each one that becomes active raises the term by 1; readers
 * ignore records of a lower term than the highest they have seen (a missing one is 0).
 */
export interface BlocksEpoch {
  /** Random, made with the first record of the topic and kept: another one means another topic, and other revisions. */
  epoch: string;
  term: number;
}

/** One address or network, for a scope, until a time, with its reasons. The record of the compacted topic `fleetwall.blocks`. */
export interface Block {
  /** Opaque to hosts. One block per scope and target; it lives on through repeats. */
  id: string;
  /** Grows with each change. */
  version: number;
  /** {@link BlocksEpoch} of the writer; absent: 0. */
  term?: number;
  /** Canonical: `198.51.100.7`, `2001:db8:1:2::/64`, `198.51.100.0/24`. */
  target: string;
  scope: BlockScope;
  state: BlockState;
  atMs: number;
  untilMs: number;
  /** All ports as soon as one reason asks for all; it narrows only when what asked for that is taken back. */
  ports?: BlockPorts;
  /** 1 for the first time, then the escalation's step. */
  offence: number;
  reasons: BlockReason[];
  /** Evidence before this time no longer counts (set by a lift). */
  forgetBeforeMs: number;
  cutSessions: boolean;
  /** Parts of the target that stay reachable: allowlisted addresses inside a blocked network. */
  except: string[];
  /** Earlier offences, oldest first, for escalation. */
  history: { atMs: number; untilMs: number; state: BlockState; ports?: BlockPorts }[];
}

/** What a host needs to know of a block, and no more: never another customer's reasons. */
export interface DesiredBlock {
  id: string;
  target: string;
  /** Milliseconds since 1970 UTC. */
  untilMs: number;
  /** Exempt parts of the target, canonical; absent when there are none. */
  except?: string[];
  /** Holds against the address of a live session as well: its owner got in by guessing. */
  cutSessions?: boolean;
  /** A host that does not know the field blocks all ports. */
  ports?: BlockPorts;
}

/** What a person or a program asks of the response service (topic `fleetwall.requests`). */
export type BlockRequest =
  | {
      type: 'block';
      id: string;
      target: string;
      scope: BlockScope;
      durationMs: number;
      ports?: BlockPorts;
      by: string;
      comment: string;
      atMs: number;
    }
  | { type: 'unblock'; id: string; target: string; by: string; comment: string; atMs: number };

/** What became of a request: the record of `fleetwall.audit` that answers it. */
export interface RequestOutcome {
  type: 'request';
  request: BlockRequest;
  ok: boolean;
  code?: string;
  message?: string;
  hint?: string;
  atMs: number;
}

/** What one host did about its blocks (compacted topic `fleetwall.enforcement`, by host). */
export interface Enforcement {
  host: string;
  armed: boolean;
  firewall: string;
  /** Every desired block up to this revision is in force, but for the exceptions. */
  revision: number;
  inForce: number;
  exceptions: { id: string; target: string; state: 'ineffective' | 'refused'; reason: string }[];
  atMs: number;
}
