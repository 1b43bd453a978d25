import { BLOCKS_EPOCH_KEY, type Block, scopeText } from '@fleetwall/core';
import { createMemoryRegistry } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DecisionBoard } from './decision-board.js';
import { decisionView, NEVER, newsSince } from './decision-view.js';
import { type PullClient, PullPositions } from './pull-positions.js';

const START_MS = Date.UTC(2026, 10, 22);
const TARGETS = ['198.51.100.7', '198.51.100.0/24', '2001:db8:1:2::/64'];
/** Each allows more than the one before. */
const EXCEPTIONS = [[], ['198.51.100.9'], ['198.51.100.9', '198.51.100.64/26']];
const SCOPES = [{ type: 'fleet' }, { type: 'tenant', id: 'acme' }] as const;
const READER = { isWeb: false, tenant: { name: 'acme', hosts: new Set<string>() } };
const CLIENT: PullClient = { key: 'token:edge', address: '192.0.2.1', program: 'a-bouncer' };

type Step =
  | { do: 'block'; target: number; scope: number; minutes: number; web: boolean }
  | { do: 'lift'; target: number; scope: number }
  | { do: 'allow'; target: number; scope: number }
  | { do: 'read'; replica: number; records: number }
  | { do: 'restart'; replica: number }
  | { do: 'pull'; replica: number; records: number; lost: boolean }
  | { do: 'wait'; seconds: number };

const which = { target: fc.nat(TARGETS.length - 1), scope: fc.nat(1) };
const replica = fc.nat(1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('block' as const),
    ...which,
    minutes: fc.integer({ min: 1, max: 90 }),
    web: fc.boolean(),
  }),
  fc.record({ do: fc.constant('lift' as const), ...which }),
  fc.record({ do: fc.constant('allow' as const), ...which }),
  fc.record({ do: fc.constant('read' as const), replica, records: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('restart' as const), replica }),
  fc.record({ do: fc.constant('pull' as const), replica, records: fc.nat(9), lost: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 1_200 }) }),
);

/** The topic, two consoles that read it each at its own pace, and a bouncer behind whichever answers. */
class Site {
  nowMs = START_MS;
  readonly registry = createMemoryRegistry();
  readonly clock = () => this.nowMs;
  readonly positions = new PullPositions(this.registry, this.clock);
  readonly log: { key: string; value: Buffer; offset: number }[] = [];
  readonly blocks = new Map<string, Block>();
  readonly read = [0, 0];
  boards = [this.board(), this.board()];
  /** What the bouncer keeps out: it forgets only what it is told to. */
  readonly held = new Set<string>();
  #wasLost = false;

  constructor() {
    this.append(BLOCKS_EPOCH_KEY, { epoch: 'one', term: 1 });
  }

  board(): DecisionBoard {
    const onError = (error: unknown) => {
      throw error;
    };
    return new DecisionBoard({ bus: undefined as never, clock: this.clock, onError });
  }

  append(key: string, value: object): void {
    this.log.push({ key, value: Buffer.from(JSON.stringify(value)), offset: this.log.length });
  }

  change(target: string, scope: (typeof SCOPES)[number], change: (block: Block) => void): void {
    const key = `${scopeText(scope)} ${target}`;
    const none = { reasons: [], history: [], except: [], forgetBeforeMs: 0, cutSessions: false, offence: 1 };
    const old = this.blocks.get(key) ?? {
      id: key,
      version: 0,
      target,
      scope,
      state: 'held',
      atMs: 0,
      untilMs: 0,
      ...none,
    };
    const block: Block = structuredClone(old as Block);
    change(block);
    block.version++;
    block.term = 1;
    this.blocks.set(key, block);
    this.append(key, block);
  }

  end(block: Block): void {
    if (block.state !== 'active') return;
    block.untilMs = Math.min(block.untilMs, this.nowMs);
    block.history.push({ atMs: block.atMs, untilMs: block.untilMs, state: 'lifted' });
    block.state = 'lifted';
  }

  follow(replica: number, records = this.log.length): void {
    const from = this.read[replica] as number;
    for (const record of this.log.slice(from, from + records)) this.boards[replica]?.take(record);
    this.read[replica] = Math.min(this.log.length, from + records);
  }

  /** What compaction leaves: the last record of each key. */
  restart(replica: number): void {
    const last = new Map(this.log.map((record) => [record.key, record.offset]));
    this.boards[replica] = this.board();
    for (const record of this.log) if (last.get(record.key) === record.offset) this.boards[replica]?.take(record);
    this.read[replica] = this.log.length;
  }

  async pull(replica: number, isStart: boolean, isLost: boolean): Promise<void> {
    const board = this.boards[replica] as DecisionBoard;
    const view = decisionView(board.blocks(), READER, [], this.nowMs);
    const since = isStart ? NEVER : await this.positions.since(CLIENT, board.position);
    await this.positions.told(CLIENT, board.position, isStart);
    const { begun, ended } = newsSince(view, since);
    expect(begun.filter(({ value }) => ended.some((one) => one.value === value))).toEqual([]);
    // An answer that does not come is followed by one that does.
    if (isLost && !this.#wasLost) {
      this.#wasLost = true;
      return;
    }
    this.#wasLost = false;
    for (const { value } of ended) this.held.delete(value);
    for (const { value } of begun) this.held.add(value);
  }

  async run(one: Step): Promise<void> {
    if (one.do === 'wait') this.nowMs += one.seconds * 1_000;
    else if (one.do === 'read') this.follow(one.replica, one.records);
    else if (one.do === 'restart') this.restart(one.replica);
    else if (one.do === 'pull') {
      this.follow(one.replica, one.records);
      await this.pull(one.replica, false, one.lost);
    } else {
      const [target, scope] = [TARGETS[one.target] as string, SCOPES[one.scope] as (typeof SCOPES)[number]];
      this.change(target, scope, (block) => {
        if (one.do === 'allow') {
          const more = EXCEPTIONS.findIndex((except) => except.join() === block.except.join()) + 1;
          if (target.endsWith('/24')) block.except = EXCEPTIONS[Math.min(more, 2)] as string[];
        } else if (one.do === 'lift') this.end(block);
        else {
          if (block.state === 'active' && block.untilMs <= this.nowMs) this.end(block);
          Object.assign(block, { state: 'active', atMs: this.nowMs, untilMs: this.nowMs + one.minutes * 60_000 });
          if (one.web) block.ports = 'web';
          else delete block.ports;
        }
      });
    }
  }
}

describe('a bouncer that pulls changes', () => {
  it('holds what is in force in the end: through lost answers, other consoles, restarts and compaction', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
        const site = new Site();
        for (const replica of [0, 1]) site.follow(replica);
        await site.pull(0, true, false);
        for (const one of steps) await site.run(one);
        for (const replica of [0, 1, 0, 1]) {
          site.follow(replica);
          await site.pull(replica, false, false);
          site.nowMs += 10_000;
        }
        site.nowMs -= 10_000;
        const truth = decisionView((site.boards[1] as DecisionBoard).blocks(), READER, [], site.nowMs).inForce;
        expect([...site.held].sort()).toEqual([...truth.keys()].sort());
      }),
      { numRuns: 150 },
    );
  });
});
