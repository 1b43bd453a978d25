import { type BlockRequest, canonicalTarget } from '@fleetwall/core';
import type { BlockBook } from '@fleetwall/response';

/** Between who asks and who decides. */
const CLOCK_SKEW_MS = 60_000;

/** Whether the blocks show that somebody carried this very request out. */
export function isCarriedOut(request: BlockRequest, book: BlockBook): boolean {
  const blocks = book.ofTarget(canonicalTarget(request.target));
  if (request.type === 'unblock') return blocks.some((block) => block.forgetBeforeMs > request.atMs - CLOCK_SKEW_MS);
  const { by, comment } = request;
  return blocks.some(({ reasons }) =>
    reasons.some((reason) => reason.type === 'person' && reason.by === by && reason.comment === comment),
  );
}
