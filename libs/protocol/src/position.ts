import type { Fields } from './fields.js';
import { PROTOCOL_LIMITS } from './limits.js';
import type { BlocksPosition } from './messages.js';

/** `revision`, and `epoch` when it is there. */
export function readPosition(fields: Fields): BlocksPosition {
  const epoch = fields.optionalText('epoch', PROTOCOL_LIMITS.nameChars);
  return { ...(epoch !== undefined && { epoch }), revision: fields.count('revision') };
}

/**
 * Whether a host that holds blocks of one position takes an update of another. Of the same epoch, what is older is passed
 * over: it comes from a gateway that has not read as far as the one before it, and will. Everything else is taken.
 */
export function isNewer(update: BlocksPosition, held: BlocksPosition | undefined): boolean {
  if (!held || held.epoch === undefined || held.epoch !== update.epoch) return true;
  return update.revision >= held.revision;
}
