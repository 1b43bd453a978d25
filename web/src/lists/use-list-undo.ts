import type { Done } from '../parts/undo.js';
import type { Saved } from './entry-dialog.js';
import { LIST_WORDS, useChangeList, writtenOf } from './list-queries.js';

/** Offers to put a list back as it was, at the page's own place for that, and tells when it failed. */
export function useListUndo(undo: { offer: (done: Done) => void }) {
  const takeBack = useChangeList();
  const offer = ({ list, target, before }: Saved, what = `is on the ${LIST_WORDS[list]}`) => {
    takeBack.reset();
    undo.offer({
      text: `${target} ${what}.`,
      undo: () => takeBack.mutate({ list, target, written: before ? writtenOf(before) : null }),
    });
  };
  return { offer, error: takeBack.error };
}
