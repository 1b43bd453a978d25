import { hash } from 'node:crypto';
import type { AlertChange, Contributor, Evidence, EvidenceClass } from '@fleetwall/core';
import type { Attempt, Episode, ValueEpisode } from '../windows/index.js';
import type { HostTable } from './host-table.js';
import type { CountingPlan } from './plan.js';

/** An alert grows with every attempt; readers are told at most this often, and of new contributors at once. */
const TELL_EVERY_MS = 1_000;
const MAX_EVIDENCE = 20;
const MAX_HOSTS = 100;

/** What an open alert remembers between its changes. All of it goes into the snapshot. */
export interface OpenAlert {
  windowKey: string;
  fields: Record<string, string>;
  tenant: string;
  evidenceClass: EvidenceClass;
  knownGood: boolean;
  change: AlertChange;
  hosts: string[];
  toldMs: number;
  dirty: boolean;
  changedValues: string[];
  clearedValues: string[];
}

export type Origin = Pick<OpenAlert, 'windowKey' | 'fields' | 'tenant' | 'evidenceClass' | 'knownGood'> & {
  history: boolean;
};

/** The open alerts of one rule, and what readers have still to be told of them. */
export class AlertBook {
  readonly #plan: CountingPlan;
  readonly #hosts: HostTable;
  readonly #nextVersion: () => number;
  readonly #open = new Map<string, OpenAlert>();
  #changes: AlertChange[] = [];

  /** @param nextVersion grows with every call, over restarts too: a reader ignores an alert's lower versions */
  constructor(plan: CountingPlan, hosts: HostTable, nextVersion: () => number) {
    this.#plan = plan;
    this.#hosts = hosts;
    this.#nextVersion = nextVersion;
  }

  get size(): number {
    return this.#open.size;
  }

  has(windowKey: string): boolean {
    return this.#open.has(windowKey);
  }

  open(origin: Origin, episode: Episode, attempt: Attempt, nowMs: number): void {
    const { correlation, name, field } = this.#plan;
    const opener = episode.attempts[0] ?? attempt;
    const change: AlertChange = {
      id: hash('sha256', [name, origin.windowKey, opener.id].join('\x1f'), 'hex').slice(0, 24),
      version: 0,
      state: 'open',
      rule: name,
      ruleId: correlation.ruleId,
      title: correlation.title,
      level: origin.knownGood ? 'low' : correlation.level,
      tags: [...correlation.tags],
      tenant: origin.tenant,
      key: origin.fields,
      ...(field === undefined ? {} : { valueField: field }),
      evidenceClass: origin.evidenceClass,
      knownGood: origin.knownGood,
      history: origin.history,
      threshold: this.#plan.threshold,
      firstMs: episode.firstMs,
      lastMs: episode.lastMs,
      firedMs: episode.firedMs,
      count: episode.count,
      hosts: [],
      evidence: [],
      contributors: [],
      cleared: [],
    };
    const alert: OpenAlert = {
      ...origin,
      change,
      hosts: [],
      toldMs: nowMs,
      dirty: false,
      changedValues: 'values' in episode ? [...(episode as ValueEpisode).values.keys()] : [],
      clearedValues: [],
    };
    this.#open.set(origin.windowKey, alert);
    this.#tell(alert, episode, nowMs);
  }

  /** `value`: the contributor that this attempt is of; a new one is told at once. */
  grow(origin: Origin, episode: Episode, attempt: Attempt, value: string | undefined, nowMs: number): void {
    const alert = this.#open.get(origin.windowKey);
    if (!alert) return;
    alert.change.history = origin.history;
    this.#addHost(alert, attempt.host);
    const isNew = value !== undefined && (episode as ValueEpisode).values.get(value)?.count === 1;
    if (value !== undefined && !alert.changedValues.includes(value)) alert.changedValues.push(value);
    alert.dirty = true;
    if (isNew || nowMs - alert.toldMs >= TELL_EVERY_MS) this.#tell(alert, episode, nowMs);
  }

  /** A contributor came after the fact: the account that got in, after many failures. */
  contribute(windowKey: string, contributor: Contributor, evidence: Evidence, nowMs: number): void {
    const alert = this.#open.get(windowKey);
    if (!alert) return;
    const told = { ...alert.change, contributors: [contributor], evidence: [...alert.change.evidence, evidence] };
    alert.change = {
      ...told,
      evidence: told.evidence.slice(-MAX_EVIDENCE),
      lastMs: Math.max(told.lastMs, evidence.timeMs),
    };
    this.#publish(alert, nowMs);
  }

  clear(windowKey: string, episode: Episode, values: readonly string[], nowMs: number): void {
    const alert = this.#open.get(windowKey);
    if (!alert) return;
    alert.clearedValues.push(...values);
    this.#tell(alert, episode, nowMs);
  }

  close(windowKey: string, state: 'withdrawn' | 'over', nowMs: number): void {
    const alert = this.#open.get(windowKey);
    if (!alert) return;
    this.#open.delete(windowKey);
    alert.change = { ...alert.change, state, contributors: [] };
    this.#publish(alert, nowMs);
  }

  /** Tells of alerts that grew since they were last told of. */
  flush(episodeOf: (windowKey: string) => Episode | undefined, nowMs: number, all = false): void {
    for (const alert of this.#open.values()) {
      if (!alert.dirty || (!all && nowMs - alert.toldMs < TELL_EVERY_MS)) continue;
      const episode = episodeOf(alert.windowKey);
      if (episode) this.#tell(alert, episode, nowMs);
    }
  }

  takeChanges(): AlertChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  snapshot(): OpenAlert[] {
    return [...this.#open.values()];
  }

  restore(alerts: readonly OpenAlert[]): void {
    this.#open.clear();
    for (const alert of alerts) this.#open.set(alert.windowKey, alert);
  }

  #tell(alert: OpenAlert, episode: Episode, nowMs: number): void {
    for (const { host } of episode.attempts) this.#addHost(alert, host);
    const values = 'values' in episode ? (episode as ValueEpisode).values : undefined;
    alert.change = {
      ...alert.change,
      firstMs: episode.firstMs,
      lastMs: episode.lastMs,
      count: episode.count,
      evidence: this.#evidenceOf(episode),
      contributors: alert.changedValues.flatMap((value) => {
        const own = values?.get(value);
        return own ? [{ value, ...own }] : [];
      }),
      cleared: alert.clearedValues,
    };
    this.#publish(alert, nowMs);
  }

  #publish(alert: OpenAlert, nowMs: number): void {
    alert.change = { ...alert.change, version: this.#nextVersion(), hosts: [...alert.hosts] };
    this.#changes.push(alert.change);
    alert.change = { ...alert.change, contributors: [], cleared: [] };
    alert.toldMs = nowMs;
    alert.dirty = false;
    alert.changedValues = [];
    alert.clearedValues = [];
  }

  /** Those that made it fire come first in an episode; then the latest one. */
  #evidenceOf(episode: Episode): Evidence[] {
    const { attempts } = episode;
    const shown =
      attempts.length <= MAX_EVIDENCE ? attempts : [...attempts.slice(0, MAX_EVIDENCE - 1), attempts.at(-1)!];
    return shown.map(({ id, timeMs, host }) => ({ attemptId: id, timeMs, host: this.#hosts.nameOf(host) }));
  }

  #addHost(alert: OpenAlert, host: number): void {
    const name = this.#hosts.nameOf(host);
    if (alert.hosts.length < MAX_HOSTS && !alert.hosts.includes(name)) alert.hosts.push(name);
  }
}
