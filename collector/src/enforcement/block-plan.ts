import { type DesiredBlock, parseNetwork } from '@fleetwall/core';
import { type Exemption, judge, pieces, type RailLimits } from '@fleetwall/response';

export interface PlanContext {
  always: readonly Exemption[];
  /** Exempt unless the block says that it holds against live sessions too. */
  sessions: readonly Exemption[];
  limits?: RailLimits;
}

/**
 * What the firewall has to hold for the desired blocks: rails applied once more on the host that would cut itself off,
 * networks split around what is exempt, several blocks of one target merged. Changes cost what they touch, not what
 * there is.
 */
export class BlockPlan {
  readonly #targets = new Map<string, Map<string, DesiredBlock>>();
  readonly #ofBlock = new Map<string, string[]>();
  readonly #refused = new Map<string, { target: string; reason: string }>();
  #context: PlanContext;

  constructor(context: PlanContext) {
    this.#context = context;
  }

  /** Plans everything anew; answers every target that was or is wanted. */
  reset(blocks: Iterable<DesiredBlock>, context = this.#context): Set<string> {
    this.#context = context;
    const touched = new Set(this.#targets.keys());
    this.#targets.clear();
    this.#ofBlock.clear();
    this.#refused.clear();
    for (const block of blocks) for (const target of this.set(block)) touched.add(target);
    return touched;
  }

  /** Answers the targets that may have changed. */
  set(block: DesiredBlock): string[] {
    const touched = this.delete(block.id);
    const planned = this.judge(block);
    if ('reason' in planned) {
      this.#refused.set(block.id, { target: block.target, reason: planned.reason });
      return touched;
    }
    this.#ofBlock.set(block.id, planned.targets);
    for (const target of planned.targets) {
      const blocks = this.#targets.get(target);
      if (blocks) blocks.set(block.id, block);
      else this.#targets.set(target, new Map([[block.id, block]]));
    }
    return [...touched, ...planned.targets];
  }

  delete(id: string): string[] {
    const targets = this.#ofBlock.get(id) ?? [];
    this.#ofBlock.delete(id);
    this.#refused.delete(id);
    for (const target of targets) {
      const blocks = this.#targets.get(target);
      blocks?.delete(id);
      if (blocks?.size === 0) this.#targets.delete(target);
    }
    return targets;
  }

  /**
   * The block that keeps the target out of all ports the longest, and the one that keeps it out of the web's after that, if
   * there are any now: the wider one wins for as long as it holds.
   */
  wanted(target: string, nowMs: number): DesiredBlock[] {
    const blocks = [...(this.#targets.get(target)?.values() ?? [])];
    const longest = (isWeb: boolean, afterMs: number) => {
      let found: DesiredBlock | undefined;
      for (const block of blocks) {
        if ((block.ports === 'web') === isWeb && block.untilMs > (found?.untilMs ?? afterMs)) found = block;
      }
      return found;
    };
    const wide = longest(false, nowMs);
    const web = longest(true, wide?.untilMs ?? nowMs);
    return [wide, web].filter((block) => block !== undefined);
  }

  targets(): Iterable<string> {
    return this.#targets.keys();
  }

  refusals(): [id: string, refusal: { target: string; reason: string }][] {
    return [...this.#refused];
  }

  judge(block: DesiredBlock): { targets: string[] } | { reason: string } {
    const { always, sessions, limits } = this.#context;
    try {
      const exemptions = block.cutSessions ? always : [...always, ...sessions];
      const verdict = judge(parseNetwork(block.target), 'host', exemptions, limits);
      if (!verdict.allowed) return { reason: verdict.reason };
      return { targets: pieces(block.target, [...verdict.except, ...(block.except ?? [])]) };
    } catch (error) {
      return { reason: (error as Error).message };
    }
  }
}
