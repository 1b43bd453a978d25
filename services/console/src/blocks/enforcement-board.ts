import {
  BLOCKS_EPOCH_KEY,
  type Block,
  type Bus,
  type BusRecord,
  type Enforcement,
  type Follower,
  scopeText,
  TOPICS,
} from '@fleetwall/core';

const MOST_EXCEPTIONS = 20;

/** What a host last told, with its exceptions by block. */
export interface HostReport extends Enforcement {
  exceptionOf: ReadonlyMap<string, Enforcement['exceptions'][number]>;
}

/** Where a block holds; the parts add up to `hosts`. */
export interface BlockEnforcement {
  hosts: number;
  inForce: number;
  disarmed: number;
  behind: number;
  ineffective: number;
  refused: number;
  exceptions: { host: string; state: 'ineffective' | 'refused'; reason: string }[];
}

/** What every host said about its blocks, and at which revision each block last changed: both topics, followed. */
export class EnforcementBoard {
  readonly #bus: Bus;
  readonly #onError: (error: unknown) => void;
  /** The reports in order of host, until one comes: every block of a page is compared with all of them. */
  #inOrder: HostReport[] | undefined;
  readonly #reports = new Map<string, HostReport>();
  /** Offset after the last record of a block, by scope and target: what a host's revision has to reach. */
  readonly #revisions = new Map<string, number>();
  #followers: Follower[] = [];

  constructor({ bus, onError }: { bus: Bus; onError: (error: unknown) => void }) {
    this.#bus = bus;
    this.#onError = onError;
  }

  /** Resolves when all that was told is known. */
  async start(): Promise<void> {
    const follow = (topic: string, onRecord: (record: BusRecord) => void) =>
      this.#bus.follow({ topic, onRecord, onError: this.#onError });
    this.#followers = [
      await follow(TOPICS.blocks, (record) => this.#takeBlock(record)),
      await follow(TOPICS.enforcement, (record) => this.#takeReport(record)),
    ];
    await Promise.all(this.#followers.map(({ caughtUp }) => caughtUp));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
  }

  /** In order of host. @param within absent: all hosts */
  hosts(within?: ReadonlySet<string>): readonly HostReport[] {
    this.#inOrder ??= [...this.#reports.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
    return within === undefined ? this.#inOrder : this.#inOrder.filter(({ host }) => within.has(host));
  }

  /** @param hosts those of the block's scope that the asker may know of */
  of(block: Block, hosts: readonly HostReport[]): BlockEnforcement {
    const sum: BlockEnforcement = {
      hosts: 0,
      inForce: 0,
      disarmed: 0,
      behind: 0,
      ineffective: 0,
      refused: 0,
      exceptions: [],
    };
    if (block.state !== 'active') return sum;
    const revision = this.#revisions.get(`${scopeText(block.scope)} ${block.target}`) ?? 0;
    for (const report of hosts) {
      sum.hosts++;
      const exception = report.exceptionOf.get(block.id);
      if (!report.armed) sum.disarmed++;
      else if (exception) {
        sum[exception.state]++;
        const { state, reason } = exception;
        if (sum.exceptions.length < MOST_EXCEPTIONS) sum.exceptions.push({ host: report.host, state, reason });
      } else if (report.revision < revision) sum.behind++;
      else sum.inForce++;
    }
    return sum;
  }

  #takeBlock({ key, value, offset }: BusRecord): void {
    if (key === BLOCKS_EPOCH_KEY) return;
    if (value.length > 0) this.#revisions.set(key, offset + 1);
    else this.#revisions.delete(key);
  }

  #takeReport({ key, value }: BusRecord): void {
    this.#inOrder = undefined;
    if (value.length === 0) {
      this.#reports.delete(key);
      return;
    }
    try {
      const report = JSON.parse(value.toString('utf8')) as Enforcement;
      const exceptionOf = new Map(report.exceptions.map((exception) => [exception.id, exception]));
      this.#reports.set(report.host, { ...report, exceptionOf });
    } catch (cause) {
      this.#onError(new Error(`what host ${key} told of its blocks is not JSON`, { cause }));
    }
  }
}
