/** What a turn leaves behind: whether there is more to do at once, and how long to hold the lane back first. */
export interface TurnResult {
  more: boolean;
  pauseMs: number;
}

type LaneState = { name: 'queued' | 'running' | 'woken' } | { name: 'paused'; timer: NodeJS.Timeout };

/**
 * Gives lanes their turns in the order in which they woke, a lane with more to do behind all others, at most `atOnce` at a
 * time and a lane never twice at a time. So a lane that wakes has its turn after at most as many turns as lanes were awake.
 */
export class RoundRobin<Lane extends object> {
  private readonly states = new Map<Lane, LaneState>();
  private queue: Lane[] = [];
  private queueHead = 0;
  private running = 0;
  private stopped = false;
  private whenIdle: (() => void)[] = [];

  /** `turn` must not reject. */
  constructor(
    private readonly atOnce: number,
    private readonly turn: (lane: Lane) => Promise<TurnResult>,
  ) {}

  /** There may be something to do in `lane`. During its turn: it gets another one. */
  wake(lane: Lane): void {
    if (this.stopped) return;
    const state = this.states.get(lane);
    if (state === undefined) this.enqueue(lane);
    else if (state.name === 'running') this.states.set(lane, { name: 'woken' });
  }

  isRunning(lane: Lane): boolean {
    const name = this.states.get(lane)?.name;
    return name === 'running' || name === 'woken';
  }

  /** No new turns; resolves when those under way are over. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.queue = [];
    this.queueHead = 0;
    for (const state of this.states.values()) if (state.name === 'paused') clearTimeout(state.timer);
    if (this.running > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private enqueue(lane: Lane): void {
    this.states.set(lane, { name: 'queued' });
    this.queue.push(lane);
    this.pump();
  }

  private pump(): void {
    while (this.running < this.atOnce && this.queueHead < this.queue.length) {
      const lane = this.queue[this.queueHead++]!;
      if (this.queueHead > 1024 && this.queueHead * 2 > this.queue.length) {
        this.queue = this.queue.slice(this.queueHead);
        this.queueHead = 0;
      }
      this.running++;
      this.states.set(lane, { name: 'running' });
      void this.turn(lane).then((result) => this.after(lane, result));
    }
  }

  private after(lane: Lane, result: TurnResult): void {
    this.running--;
    const woken = this.states.get(lane)?.name === 'woken';
    this.states.delete(lane);
    if (!this.stopped && (woken || result.more)) {
      if (result.pauseMs > 0) this.hold(lane, result.pauseMs);
      else this.enqueue(lane);
    } else if (!this.stopped && result.pauseMs > 0) {
      // Woken within the pause, the lane has its turn at its end.
      this.hold(lane, result.pauseMs);
    }
    this.pump();
    if (this.stopped && this.running === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private hold(lane: Lane, pauseMs: number): void {
    const timer = setTimeout(() => this.enqueue(lane), pauseMs);
    this.states.set(lane, { name: 'paused', timer });
  }
}
