import {
  BLOCKS_EPOCH_KEY,
  type Block,
  type BlockPorts,
  type BlockScope,
  type BlocksEpoch,
  type Bus,
  type BusRecord,
  type Clock,
  type Follower,
  networkOf,
  networkText,
  parseNetwork,
  TOPICS,
} from '@fleetwall/core';
import { pieces } from '@fleetwall/response';

/** Up to which record of `fleetwall.blocks` somebody has read; another epoch means another topic. */
export interface BoardPosition {
  epoch: string;
  revision: number;
}

/** A block as other programs need to know it. */
export interface DecidedBlock {
  scope: BlockScope;
  /** Addresses and networks it keeps out: the target, or what is left of it without its exceptions. */
  values: readonly string[];
  isActive: boolean;
  /** Whether it ever kept anybody out: what never did is not over either. */
  wasActive: boolean;
  atMs: number;
  untilMs: number;
  ports?: BlockPorts;
  /** The rule of its first reason, or `manual`. */
  rule: string;
  /** Offset after its last record. */
  revision: number;
  /** What it kept out before, and up to which record. */
  retired: ReadonlyMap<string, number>;
  /** The latest end that was ever said of it. */
  toldMs: number;
  /** An end that was said earlier and no longer is: whoever did not take the new one lets go then. */
  againMs?: number;
}

export interface DecisionBoardOptions {
  bus: Bus;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** What is over for longer is no news to anybody. */
const ENDED_KEPT_MS = 7 * 86_400_000;
const MAX_RETIRED = 256;

/**
 * All blocks with the revision of their last change, as the topic tells them: every console makes the same of it, after
 * every start.
 */
export class DecisionBoard {
  readonly #options: DecisionBoardOptions;
  readonly #blocks = new Map<string, DecidedBlock>();
  #position: BoardPosition = { epoch: '', revision: 0 };
  #term = 0;
  #follower: Follower | undefined;
  #onCaughtUp: () => void = () => undefined;
  /** Resolves once every block that was there at the start is known. */
  readonly caughtUp = new Promise<void>((resolve) => {
    this.#onCaughtUp = resolve;
  });

  constructor(options: DecisionBoardOptions) {
    this.#options = options;
  }

  get position(): BoardPosition {
    return this.#position;
  }

  /** As {@link caughtUp}. */
  async start(): Promise<void> {
    const { bus, onError } = this.#options;
    const onRecord = (record: BusRecord) => this.take(record);
    this.#follower = await bus.follow({ topic: TOPICS.blocks, onRecord, onError });
    await this.#follower.caughtUp;
    this.#onCaughtUp();
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
  }

  blocks(): Iterable<DecidedBlock> {
    return this.#blocks.values();
  }

  /** Lets go of what is over for long. */
  forgetOld(): void {
    const beforeMs = this.#options.clock() - ENDED_KEPT_MS;
    for (const [key, block] of this.#blocks) if (block.untilMs < beforeMs) this.#blocks.delete(key);
  }

  /** One record of the topic, in the order of offsets. */
  take({ key, value, offset }: Pick<BusRecord, 'key' | 'value' | 'offset'>): void {
    const revision = offset + 1;
    try {
      if (key === BLOCKS_EPOCH_KEY) this.#takeEpoch(JSON.parse(value.toString('utf8')) as BlocksEpoch);
      else if (value.length > 0) this.#takeBlock(key, JSON.parse(value.toString('utf8')) as Block, revision);
      else this.#end(key);
    } catch (cause) {
      this.#options.onError(new Error(`record ${offset} of ${TOPICS.blocks} is no block`, { cause }));
    }
    this.#position = { ...this.#position, revision };
  }

  #takeEpoch({ epoch, term }: BlocksEpoch): void {
    if (!this.#isStale(term)) this.#position = { ...this.#position, epoch };
  }

  #takeBlock(key: string, block: Block, revision: number): void {
    if (this.#isStale(block.term ?? 0)) return;
    this.#blocks.set(key, decidedBlock(block, this.#blocks.get(key), revision, this.#options.clock()));
  }

  /** Nobody needs to remember it any more but those who have not heard that it is over. */
  #end(key: string): void {
    const known = this.#blocks.get(key);
    if (known) this.#blocks.set(key, { ...known, isActive: false });
  }

  /** Of a writer that lost its place without knowing. */
  #isStale(term: number): boolean {
    if (term < this.#term) return true;
    this.#term = term;
    return false;
  }
}

function decidedBlock(block: Block, before: DecidedBlock | undefined, revision: number, nowMs: number): DecidedBlock {
  const { scope, target, except, atMs, untilMs, ports, reasons, history } = block;
  const isActive = block.state === 'active';
  const values = pieces(target, except);
  const toldMs = before?.toldMs ?? 0;
  const isShorter = isActive && toldMs > nowMs && toldMs < untilMs;
  const [first] = reasons;
  return {
    ...{ scope, values, isActive, atMs, untilMs, revision },
    wasActive: isActive || history.length > 0 || toldMs > 0,
    ...(ports === undefined ? {} : { ports }),
    rule: first?.type === 'alert' ? first.rule : 'manual',
    retired: retiredOf(target, except, new Set(values), before, revision),
    toldMs: isActive ? Math.max(toldMs, untilMs) : toldMs,
    ...(isShorter ? { againMs: toldMs } : {}),
  };
}

/**
 * What may have been said of a block and is no longer so: what it kept out before, and every network around an exception,
 * since the record that said so may be gone.
 */
function retiredOf(
  target: string,
  except: readonly string[],
  values: ReadonlySet<string>,
  before: DecidedBlock | undefined,
  revision: number,
): ReadonlyMap<string, number> {
  const retired = new Map(before?.retired);
  for (const value of [...(before?.values ?? []), ...networksAround(target, except)])
    if (!retired.has(value)) retired.set(value, revision);
  for (const value of values) retired.delete(value);
  return new Map([...retired].slice(-MAX_RETIRED));
}

function networksAround(target: string, except: readonly string[]): string[] {
  const { family, prefix } = parseNetwork(target);
  return except.map(parseNetwork).flatMap((exempt) => {
    const prefixes = Array.from({ length: Math.max(0, exempt.prefix - prefix) }, (_, i) => prefix + i);
    return prefixes.map((bits) => networkText(networkOf(family, exempt.first, bits)));
  });
}
