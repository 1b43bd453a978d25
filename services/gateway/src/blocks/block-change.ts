import type { DesiredBlock } from '@fleetwall/core';
import type { BlocksPosition, Delta } from '@fleetwall/protocol';
import { inParts } from './block-group.js';

/** What changed for everybody in the same scopes, since the change before it. Encoded once, whoever gets it. */
export class BlockChange {
  #messages: Buffer[] | undefined;

  constructor(
    readonly position: BlocksPosition,
    readonly add: DesiredBlock[],
    readonly remove: string[],
  ) {}

  /** As `delta` messages, all of the same revision. */
  get messages(): readonly Buffer[] {
    this.#messages ??= inParts(this.add, this.remove).map((part) => {
      const message: Delta = { type: 'delta', ...this.position, ...part };
      return Buffer.from(JSON.stringify(message));
    });
    return this.#messages;
  }
}

/** Changes of one scope that have not been told yet: the last word on each id. */
export class PendingChange {
  readonly #byId = new Map<string, DesiredBlock | undefined>();

  set(block: DesiredBlock): void {
    this.#byId.set(block.id, block);
  }

  remove(id: string): void {
    this.#byId.set(id, undefined);
  }

  static merge(position: BlocksPosition, changes: readonly PendingChange[]): BlockChange {
    const all = changes.flatMap((change) => [...change.#byId]);
    return new BlockChange(
      position,
      all.flatMap(([, block]) => block ?? []),
      all.flatMap(([id, block]) => (block ? [] : [id])),
    );
  }
}
