import { hash } from 'node:crypto';
import type { AlertChange, Contributor, Evidence, EvidenceClass } from '@fleetwall/core';
import type { Attempt, AttemptWindows, Episode, ValuedAttempt, ValueEpisode, ValueWindows } from '../windows/index.js';
import type { HostTable } from './host-table.js';
import type { CountingPlan } from './plan.js';

/** An alert grows with every attempt; readers are told this often at most, of a large one less often, of new contributors at once. */
const TELL_EVERY_MS = 1_000;
const TELL_LARGE_EVERY_MS = 10_000;
const LARGE_COUNT = 20;
const MAX_EVIDENCE = 20;
const MAX_HOSTS = 100;
/** As many as an episode keeps apart. */
const MAX_TOLD_VALUES = 10_000;

/** What an open alert remembers between its changes. All of it goes into the snapshot. */
export interface OpenAlert {
  windowKey: string;
  fields: Record<string, string>;
  tenant: string;
  evidenceClass: EvidenceClass;
  knownGood: boolean;
  change: AlertChange;
  hosts: string[];
  /** The attempts that made it fire, and the latest since. */
  fired: Evidence[];
  latest: Evidence | undefined;
  toldMs: number;
  /** Contributors that readers know of. */
  toldValues: Set<string>;
  changedValues: Set<string>;
  clearedValues: string[];
}

/** As JSON in a snapshot. */
export type StoredAlert = Omit<OpenAlert, 'toldValues' | 'changedValues'> & {
  isDirty: boolean;
  toldValues: string[];
  changedValues: string[];
};

export type Origin = Pick<OpenAlert, 'windowKey' | 'fields' | 'tenant' | 'evidenceClass' | 'knownGood'> & {
  history: boolean;
};

/** The open alerts of one rule, and what readers have still to be told of them. */
export class AlertBook {
  readonly plan: CountingPlan;
  readonly #hosts: HostTable;
  readonly #nextVersion: () => number;
  readonly #windows: AttemptWindows | ValueWindows;
  readonly #open = new Map<string, OpenAlert>();
  /** Those that grew since readers were told of them. */
  readonly #dirty = new Set<OpenAlert>();
  readonly #onChange: ((change: AlertChange) => void) | undefined;
  #changes: AlertChange[] = [];

  /**
   * @param nextVersion grows with every call, over restarts too: a reader ignores an alert's lower versions
   * @param onChange see `CounterOptions`
   */
  constructor(
    plan: CountingPlan,
    hosts: HostTable,
    windows: AttemptWindows | ValueWindows,
    nextVersion: () => number,
    onChange?: (change: AlertChange) => void,
  ) {
    this.plan = plan;
    this.#hosts = hosts;
    this.#windows = windows;
    this.#nextVersion = nextVersion;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#open.size;
  }

  has(windowKey: string): boolean {
    return this.#open.has(windowKey);
  }

  open(origin: Origin, nowMs: number): void {
    const episode = this.#windows.episode(origin.windowKey);
    const opener = episode?.attempts[0];
    if (!episode || !opener) return;
    const { correlation, name, field } = this.plan;
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
      threshold: this.plan.threshold,
      firstMs: episode.firstMs,
      lastMs: episode.lastMs,
      firedMs: episode.firedMs,
      count: episode.count,
      hosts: [],
      evidence: [],
      contributors: [],
      cleared: [],
    };
    const values = 'values' in episode ? [...(episode as ValueEpisode).values.keys()] : [];
    const alert: OpenAlert = {
      ...origin,
      change,
      hosts: [],
      fired: [],
      latest: undefined,
      toldMs: nowMs,
      toldValues: new Set(values),
      changedValues: new Set(values),
      clearedValues: [],
    };
    this.#open.set(origin.windowKey, alert);
    this.#take(alert, episode);
    this.#tell(alert, nowMs);
  }

  /** A new contributor is told at once. */
  grow(origin: Origin, attempt: ValuedAttempt, nowMs: number): void {
    const alert = this.#open.get(origin.windowKey);
    if (!alert) return;
    alert.change.history = origin.history;
    alert.latest = this.#evidenceOf(attempt);
    this.#addHost(alert, alert.latest.host);
    this.#dirty.add(alert);
    const isNew = this.plan.field !== undefined && !alert.toldValues.has(attempt.value);
    if (isNew && alert.toldValues.size < MAX_TOLD_VALUES) alert.toldValues.add(attempt.value);
    if (this.plan.field !== undefined) alert.changedValues.add(attempt.value);
    if (isNew || isDue(alert, nowMs)) this.#tell(alert, nowMs);
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

  /** Attempts were taken back; `values` have none left. */
  clear(windowKey: string, values: readonly string[], nowMs: number): void {
    const alert = this.#open.get(windowKey);
    const episode = this.#windows.episode(windowKey);
    if (!alert || !episode) return;
    alert.clearedValues.push(...values);
    this.#take(alert, episode);
    this.#tell(alert, nowMs);
  }

  close(windowKey: string, state: 'withdrawn' | 'over', nowMs: number): void {
    const alert = this.#open.get(windowKey);
    if (!alert) return;
    this.#open.delete(windowKey);
    this.#dirty.delete(alert);
    alert.change = { ...alert.change, state, contributors: [] };
    this.#publish(alert, nowMs);
  }

  /** Tells of alerts that grew since they were last told of: all of them, or those whose turn it is. */
  flush(nowMs: number, all = false): void {
    for (const alert of this.#dirty) {
      if (all || isDue(alert, nowMs)) this.#tell(alert, nowMs);
    }
  }

  get hasChanges(): boolean {
    return this.#changes.length > 0;
  }

  takeChanges(): AlertChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  snapshot(): StoredAlert[] {
    return [...this.#open.values()].map((alert) => ({
      ...alert,
      isDirty: this.#dirty.has(alert),
      toldValues: [...alert.toldValues],
      changedValues: [...alert.changedValues],
    }));
  }

  restore(alerts: readonly StoredAlert[]): void {
    this.#open.clear();
    this.#dirty.clear();
    for (const { toldValues, changedValues, isDirty, ...rest } of alerts) {
      const alert = { ...rest, toldValues: new Set(toldValues), changedValues: new Set(changedValues) };
      this.#open.set(alert.windowKey, alert);
      if (isDirty) this.#dirty.add(alert);
    }
  }

  #tell(alert: OpenAlert, nowMs: number): void {
    const progress = this.#windows.progress(alert.windowKey);
    if (!progress) return;
    const { change, fired, latest } = alert;
    change.count = progress.count;
    change.firstMs = progress.firstMs;
    change.lastMs = progress.lastMs;
    change.evidence = latest === undefined ? fired : [...fired, latest];
    change.contributors = this.#contributorsOf(alert);
    if (alert.clearedValues.length > 0) change.cleared = alert.clearedValues;
    this.#publish(alert, nowMs);
  }

  #contributorsOf({ windowKey, changedValues }: OpenAlert): Contributor[] {
    const windows = this.#windows;
    if (changedValues.size === 0 || !('progressOf' in windows)) return [];
    const contributors: Contributor[] = [];
    for (const value of changedValues) {
      const own = windows.progressOf(windowKey, value);
      if (own) contributors.push({ value, count: own.count, firstMs: own.firstMs, lastMs: own.lastMs });
    }
    return contributors;
  }

  #publish(alert: OpenAlert, nowMs: number): void {
    const { change, hosts } = alert;
    change.version = this.#nextVersion();
    if (change.hosts.length < hosts.length) change.hosts = [...hosts];
    if (this.#onChange) this.#onChange(change);
    // The one copy that is made: readers keep it, while `change` goes on.
    else this.#changes.push({ ...change });
    if (change.contributors.length > 0) change.contributors = [];
    if (change.cleared.length > 0) change.cleared = [];
    alert.toldMs = nowMs;
    this.#dirty.delete(alert);
    if (alert.changedValues.size > 0) alert.changedValues = new Set();
    if (alert.clearedValues.length > 0) alert.clearedValues = [];
  }

  /** Those that made it fire come first in an episode. */
  #take(alert: OpenAlert, { attempts }: Episode): void {
    alert.fired = attempts.slice(0, MAX_EVIDENCE - 1).map((attempt) => this.#evidenceOf(attempt));
    const last = attempts.at(-1);
    alert.latest = last && attempts.length >= MAX_EVIDENCE ? this.#evidenceOf(last) : undefined;
    for (const { host } of attempts) this.#addHost(alert, this.#hosts.nameOf(host));
  }

  #evidenceOf({ id, timeMs, host }: Attempt): Evidence {
    return { attemptId: id, timeMs, host: this.#hosts.nameOf(host) };
  }

  #addHost({ hosts }: OpenAlert, name: string): void {
    if (hosts.length < MAX_HOSTS && !hosts.includes(name)) hosts.push(name);
  }
}

function isDue({ change, toldMs }: OpenAlert, nowMs: number): boolean {
  return nowMs - toldMs >= (change.count < LARGE_COUNT ? TELL_EVERY_MS : TELL_LARGE_EVERY_MS);
}
