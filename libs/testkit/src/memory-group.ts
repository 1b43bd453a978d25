import type { BusRecord, ConsumeOptions, Position, Subscription, TopicPartition } from '@fleetwall/core';

/** Wakes everyone who waits; they look again at what they wait for. */
export class Signal {
  private waiting: (() => void)[] = [];

  /** Resolves at the next `fire`, or after `timeoutMs`. */
  wait(timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  fire(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}

interface Lease extends TopicPartition {
  log: BusRecord[];
  ended: boolean;
  done: Promise<void>;
}

interface Member {
  options: ConsumeOptions;
  paused: boolean;
  leases: Map<string, Lease>;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** The consumers of one group: the n-th partition belongs to member n modulo members, or all to the first. */
export class MemoryGroup {
  private readonly members: Member[] = [];
  private readonly committed = new Map<string, number>();
  private rebalancing = Promise.resolve();

  constructor(
    private readonly topics: ReadonlyMap<string, BusRecord[][]>,
    private readonly changed: Signal,
  ) {}

  join(options: ConsumeOptions): Subscription {
    const member: Member = { options, paused: false, leases: new Map() };
    this.members.push(member);
    this.rebalance();
    const pause = (paused: boolean) => {
      member.paused = paused;
      this.changed.fire();
    };
    return {
      pause: () => pause(true),
      resume: () => pause(false),
      stop: () => {
        this.members.splice(this.members.indexOf(member), 1);
        return this.rebalance(member);
      },
    };
  }

  /** One at a time; `leaver` is no longer a member and loses all it has. */
  private rebalance(leaver?: Member): Promise<void> {
    this.rebalancing = this.rebalancing.then(async () => {
      const owners = this.owners();
      const all = leaver ? [...this.members, leaver] : [...this.members];
      await Promise.all(
        all.map((member) =>
          this.revoke(
            member,
            [...member.leases.values()].filter((lease) => owners.get(nameOf(lease)) !== member),
          ),
        ),
      );
      for (const member of this.members) {
        const gained = [...owners].filter(([name, owner]) => owner === member && !member.leases.has(name));
        if (gained.length > 0)
          this.assign(
            member,
            gained.map(([name]) => this.lease(name)),
          );
      }
    });
    return this.rebalancing;
  }

  private owners(): Map<string, Member> {
    const owners = new Map<string, Member>();
    for (const topic of new Set(this.members.flatMap((member) => member.options.topics))) {
      const candidates = this.members.filter((member) => member.options.topics.includes(topic));
      this.topics.get(topic)?.forEach((_, partition) => {
        const index = candidates[0]?.options.exclusive ? 0 : partition % candidates.length;
        owners.set(nameOf({ topic, partition }), candidates[index] as Member);
      });
    }
    return owners;
  }

  private lease(name: string): Lease {
    const slash = name.lastIndexOf('/');
    const [topic, partition] = [name.slice(0, slash), Number(name.slice(slash + 1))];
    const log = this.topics.get(topic)?.[partition] as BusRecord[];
    return { topic, partition, log, ended: false, done: Promise.resolve() };
  }

  private async revoke(member: Member, lost: Lease[]): Promise<void> {
    if (lost.length === 0) return;
    for (const lease of lost) lease.ended = true;
    this.changed.fire();
    await Promise.all(lost.map((lease) => lease.done));
    for (const lease of lost) member.leases.delete(nameOf(lease));
    try {
      await member.options.onRevoked?.(lost.map(({ topic, partition }) => ({ topic, partition })));
    } catch (error) {
      member.options.onError?.(error);
    }
  }

  private assign(member: Member, gained: Lease[]): void {
    for (const lease of gained) member.leases.set(nameOf(lease), lease);
    const start = this.startPositions(member, gained);
    // Some were taken away before onAssigned succeeded: the others begin again. First, so that `done` is never stale.
    start.then((positions) => {
      const kept = gained.filter((lease) => !lease.ended);
      if (!positions && kept.length > 0) this.assign(member, kept);
    });
    for (const lease of gained)
      lease.done = start.then((positions) => positions && this.read(member, lease, positions));
  }

  /** Undefined when one of the leases ended before onAssigned succeeded. */
  private async startPositions(member: Member, gained: Lease[]): Promise<Position[] | undefined> {
    const committed = gained.map(({ topic, partition }) => ({
      topic,
      partition,
      committed: this.committed.get(nameOf({ topic, partition })) ?? 0,
    }));
    const defaults = committed.map(({ committed: offset, ...partition }) => ({ ...partition, offset }));
    let positions: Position[] | undefined;
    await this.retry(
      member,
      () => gained.some((lease) => lease.ended),
      async () => {
        positions = [...((await member.options.onAssigned?.(committed)) ?? []), ...defaults];
      },
    );
    return positions;
  }

  private async read(member: Member, lease: Lease, starts: Position[]): Promise<void> {
    let next = starts.find((start) => nameOf(start) === nameOf(lease))?.offset ?? 0;
    while (!lease.ended) {
      const records = member.paused ? [] : lease.log.slice(next, next + (member.options.maxBatch ?? 500));
      if (records.length === 0) {
        await this.changed.wait();
        continue;
      }
      const { topic, partition } = lease;
      const deliver = async () => {
        await member.options.onBatch({ topic, partition, records });
        next += records.length;
        this.committed.set(nameOf(lease), next);
      };
      await this.retry(member, () => lease.ended, deliver);
    }
  }

  /** Tries until it succeeds or `ended` says so, with growing pauses. */
  private async retry(member: Member, ended: () => boolean, attempt: () => Promise<void>): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !ended(); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        member.options.onError?.(error);
      }
      const againMs = Date.now() + pauseMs;
      while (!ended() && (member.paused || Date.now() < againMs)) {
        await this.changed.wait(member.paused ? undefined : Math.max(againMs - Date.now(), 1));
      }
    }
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
