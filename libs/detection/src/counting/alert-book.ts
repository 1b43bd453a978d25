import { hash } from 'node:crypto';
import { type AlertChange, type Contributor, type Evidence, type EvidenceClass, MAX_TOLD_HOSTS } from '@fleetwall/core';
import type { Attempt, Episode, Progress, ValuedAttempt, ValueEpisode } from '../windows/index.js';
import type { Follower } from './followers.js';
import type { HostTable } from './host-table.js';
import type { CountingPlan } from './plan.js';

/** An alert grows with every attempt; readers are told this often at most, of a large one less often, of new contributors at once. */
const TELL_EVERY_MS = 1_000;
const TELL_LARGE_EVERY_MS = 10_000;
const LARGE_COUNT = 20;
const MAX_EVIDENCE = 20;
/** As many as an episode keeps apart. */
const MAX_TOLD_VALUES = 10_000;
/** The contributors of one change, with their hosts: it must fit into a record of a megabyte, whatever is in it. */
export const MAX_TOLD_BYTES = 300_000;

/** What an open alert remembers between its changes. All of it goes into the snapshot. */
export interface OpenAlert {
  windowKey: string;
  fields: Record<string, string>;
  tenant: string;
  evidenceClass: EvidenceClass;
  knownGood: boolean;
  change: AlertChange;
  hosts: string[];
  /** Something followed that was not on a web application; absent in an older snapshot: not known, so yes. */
  notWebFollowed?: boolean;
  /** The attempts that made it fire, and the latest since. */
  fired: Evidence[];
  latest: Evidence | undefined;
  toldMs: number;
  /** Contributors that readers know of. */
  toldValues: Set<string>;
  /** Contributors that changed since, each with the hosts that saw it since. */
  changedValues: Map<string, Set<string>>;
  clearedValues: string[];
}

/** As JSON in a snapshot. */
export type StoredAlert = Omit<OpenAlert, 'toldValues' | 'changedValues'> & {
  isDirty: boolean;
  toldValues: string[];
  changedValues: [value: string, hosts: string[]][];
};

/** What an alert is told from; `progressOf` where an episode keeps values apart, which are then its contributors. */
export interface EpisodeSource {
  episode(key: string): Episode | ValueEpisode | undefined;
  progress(key: string): Progress | undefined;
  progressOf?(key: string, value: string): Progress | undefined;
  attempts?(key: string): readonly (Attempt & { value?: string })[];
  isWeb?(key: string, value?: string): boolean;
  ceased?(key: string): readonly string[];
}

export type Origin = Pick<OpenAlert, 'windowKey' | 'fields' | 'tenant' | 'evidenceClass' | 'knownGood'> & {
  history: boolean;
};

/** The open alerts of one rule, and what readers have still to be told of them. */
export class AlertBook {
  readonly plan: CountingPlan;
  readonly #hosts: HostTable;
  readonly #nextVersion: () => number;
  readonly #windows: EpisodeSource;
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
    windows: EpisodeSource,
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
    const changedValues = 'values' in episode ? this.#hostsOf(episode) : new Map<string, Set<string>>();
    const alert: OpenAlert = {
      ...origin,
      change,
      hosts: [],
      notWebFollowed: false,
      fired: [],
      latest: undefined,
      toldMs: nowMs,
      toldValues: new Set(changedValues.keys()),
      changedValues,
      clearedValues: [],
    };
    this.#open.set(origin.windowKey, alert);
    this.#take(alert, episode);
    this.#tell(alert, nowMs);
  }

  /**
   * A new contributor is told at once.
   *
   * @param values of which the episode has more now
   */
  grow(origin: Origin, attempt: ValuedAttempt, nowMs: number, values: readonly string[] = [attempt.value]): void {
    const alert = this.#open.get(origin.windowKey);
    if (!alert) return;
    alert.change.history = origin.history;
    alert.latest = this.#evidenceOf(attempt);
    this.#addHost(alert, alert.latest.host);
    this.#dirty.add(alert);
    // What ceases to be of the web alone is told at once, like a new contributor.
    let isNew = alert.change.application === 'http' && !this.#isWeb(alert);
    for (const value of this.#windows.progressOf ? values : []) {
      this.#change(alert, value, alert.latest.host);
      if (alert.toldValues.has(value)) continue;
      isNew = true;
      if (alert.toldValues.size < MAX_TOLD_VALUES) alert.toldValues.add(value);
    }
    for (const value of this.#windows.ceased?.(origin.windowKey) ?? []) {
      isNew = true;
      if (!alert.changedValues.has(value)) alert.changedValues.set(value, new Set());
    }
    if (isNew || isDue(alert, nowMs)) this.#tell(alert, nowMs);
  }

  /** A contributor came after the fact: the account that got in, after many failures. */
  contribute(windowKey: string, { contributor, evidence, isWeb }: Omit<Follower, 'isTold'>, nowMs: number): void {
    const alert = this.#open.get(windowKey);
    if (!alert) return;
    if (!isWeb) alert.notWebFollowed = true;
    this.#setApplication(alert);
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
      changedValues: [...alert.changedValues].map(([value, hosts]): [string, string[]] => [value, [...hosts]]),
    }));
  }

  restore(alerts: readonly StoredAlert[]): void {
    this.#open.clear();
    this.#dirty.clear();
    for (const { toldValues, changedValues, isDirty, ...rest } of alerts) {
      const hostsOf = changedValues.map(([value, hosts]): [string, Set<string>] => [value, new Set(hosts)]);
      const alert = { ...rest, toldValues: new Set(toldValues), changedValues: new Map(hostsOf) };
      this.#open.set(alert.windowKey, alert);
      if (isDirty) this.#dirty.add(alert);
    }
  }

  /** In as many changes as its contributors need. */
  #tell(alert: OpenAlert, nowMs: number): void {
    const progress = this.#windows.progress(alert.windowKey);
    if (!progress) return;
    const { change, fired, latest } = alert;
    this.#setApplication(alert);
    change.count = progress.count;
    change.firstMs = progress.firstMs;
    change.lastMs = progress.lastMs;
    change.evidence = latest === undefined ? fired : [...fired, latest];
    if (alert.clearedValues.length > 0) change.cleared = alert.clearedValues;
    if (alert.changedValues.size === 0) {
      this.#publish(alert, nowMs);
      return;
    }
    const parts = partsOf(this.#contributorsOf(alert));
    alert.changedValues.clear();
    for (const contributors of parts) {
      change.contributors = contributors;
      this.#publish(alert, nowMs);
    }
  }

  #contributorsOf({ windowKey, changedValues }: OpenAlert): Contributor[] {
    const windows = this.#windows;
    const contributors: Contributor[] = [];
    for (const [value, hosts] of changedValues) {
      const own = windows.progressOf?.(windowKey, value);
      if (!own) continue;
      const { count, firstMs, lastMs } = own;
      const isWeb = windows.isWeb?.(windowKey, value) === true;
      const application = isWeb ? { application: 'http' as const } : {};
      contributors.push({ value, count, firstMs, lastMs, hosts: [...hosts], ...application });
    }
    return contributors;
  }

  #isWeb({ windowKey, notWebFollowed }: OpenAlert): boolean {
    return notWebFollowed === false && this.#windows.isWeb?.(windowKey) === true;
  }

  #setApplication(alert: OpenAlert): void {
    if (this.#isWeb(alert)) alert.change.application = 'http';
    else delete alert.change.application;
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
    if (alert.clearedValues.length > 0) alert.clearedValues = [];
  }

  /** The values of an episode, with the hosts of those attempts that it remembers. */
  #hostsOf({ key, values }: ValueEpisode): Map<string, Set<string>> {
    const hosts = new Map([...values.keys()].map((value) => [value, new Set<string>()]));
    for (const { value = '', host } of this.#windows.attempts?.(key) ?? [])
      addUpTo(hosts.get(value), this.#hosts.nameOf(host));
    return hosts;
  }

  #change({ changedValues }: OpenAlert, value: string, host: string): void {
    const hosts = changedValues.get(value) ?? new Set();
    addUpTo(hosts, host);
    changedValues.set(value, hosts);
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
    if (hosts.length < MAX_TOLD_HOSTS && !hosts.includes(name)) hosts.push(name);
  }
}

/** What contributors take up in a record, about, and not less where they are plain text. */
export function toldBytesOf(contributors: readonly Contributor[]): number {
  let bytes = 0;
  for (const { value, hosts = [] } of contributors) {
    bytes += 100 + value.length;
    for (const host of hosts) bytes += 3 + host.length;
  }
  return bytes;
}

/** One part at least, each but the last as large as fits. */
function partsOf(contributors: readonly Contributor[]): Contributor[][] {
  let part: Contributor[] = [];
  const parts = [part];
  let bytes = 0;
  for (const contributor of contributors) {
    const own = toldBytesOf([contributor]);
    if (part.length > 0 && bytes + own > MAX_TOLD_BYTES) {
      part = [];
      parts.push(part);
      bytes = 0;
    }
    part.push(contributor);
    bytes += own;
  }
  return parts;
}

function addUpTo(hosts: Set<string> | undefined, name: string): void {
  if (hosts && hosts.size < MAX_TOLD_HOSTS) hosts.add(name);
}

function isDue({ change, toldMs }: OpenAlert, nowMs: number): boolean {
  return nowMs - toldMs >= (change.count < LARGE_COUNT ? TELL_EVERY_MS : TELL_LARGE_EVERY_MS);
}

/** In order of their keys, which a restart does not change: whoever counts the same gives the same versions. */
export function closeOver(books: readonly AlertBook[], over: readonly { key: string }[], nowMs: number): void {
  for (const { key } of [...over].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    for (const book of books) book.close(key, 'over', nowMs);
  }
}
