import type { DesiredBlock } from '@fleetwall/core';
import { protocolError } from './errors.js';
import type { SnapshotBegin, SnapshotEnd, SnapshotPart } from './gateway-messages.js';
import { PROTOCOL_LIMITS } from './limits.js';
import type { BlocksPosition, BlockUpdate } from './messages.js';

/** Gathers the parts of a snapshot. Nothing comes of one that does not reach its end. */
export class SnapshotAssembly {
  #position: BlocksPosition | undefined;
  readonly #blocks = new Map<string, DesiredBlock>();

  /**
   * Answers the whole snapshot at its end, and nothing before.
   *
   * @throws MESSAGE_INVALID for parts without a beginning, too many blocks, or a count that differs
   */
  take(message: SnapshotBegin | SnapshotPart | SnapshotEnd): BlockUpdate | undefined {
    if (message.type === 'snapshot.begin') {
      const { epoch, revision } = message;
      this.#position = { ...(epoch !== undefined && { epoch }), revision };
      this.#blocks.clear();
      return undefined;
    }
    const position = this.#position;
    if (!position) throw wrong(message.type, 'the message', 'came without a beginning');
    if (message.type === 'snapshot.part') {
      for (const block of message.add) this.#blocks.set(block.id, block);
      for (const id of message.remove) this.#blocks.delete(id);
      if (this.#blocks.size > PROTOCOL_LIMITS.blocksPerSnapshot) throw wrong(message.type, 'add', 'brings too many');
      return undefined;
    }
    const blocks = [...this.#blocks.values()];
    this.#position = undefined;
    this.#blocks.clear();
    if (blocks.length !== message.count) {
      throw wrong(message.type, 'count', `is ${message.count}, and ${blocks.length} blocks came`);
    }
    return { type: 'snapshot', ...position, blocks };
  }
}

function wrong(message: string, field: string, reason: string) {
  return protocolError('MESSAGE_INVALID', { message, field, reason });
}
