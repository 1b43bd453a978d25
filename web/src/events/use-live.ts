import { useEffect, useState } from 'react';
import type { Event } from '../api/types.js';
import { rangeOf, useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';
import { useTail } from './use-tail.js';

/** Live events instead of those that were found; switched by `view=live` of the address, paused by `p`. */
export function useLive(query: string, loaded: readonly Event[], isLoaded: boolean, isRowOpen: boolean) {
  const [search, change] = useSearchState();
  const isOn = search.view === 'live';
  const [isPaused, setPaused] = useState(false);
  const [isScrolled, setScrolled] = useState(false);
  /** Draws the rows from the top again. */
  const [releases, setReleases] = useState(0);
  const isSelecting = useTextSelected(isOn);
  const heldBy = isPaused
    ? 'paused'
    : isRowOpen
      ? 'a row is open'
      : isSelecting
        ? 'text is selected'
        : isScrolled
          ? 'scrolled down'
          : undefined;
  const tail = useTail(query, loaded, isOn && isLoaded, heldBy !== undefined);
  const release = () => {
    setPaused(false);
    setScrolled(false);
    setReleases(releases + 1);
    document.getSelection()?.removeAllRanges();
    if (isRowOpen) change({ row: '' }, false);
  };
  const toggle = () => {
    setPaused(false);
    if (isOn) return change({ view: '' });
    // What is new comes after a range that ends now, and after no other.
    return change({ view: 'live', row: '', ...(rangeOf(search).to === 'now' ? {} : { from: 'now-15m', to: 'now' }) });
  };
  const pause = () => setPaused(true);
  useKeys({ p: () => (!isOn ? toggle() : heldBy === undefined ? pause() : release()) });
  return { isOn, tail, heldBy, release, pause, toggle, setScrolled, releases };
}

/** Whether text of the rows is selected: they must not move then. */
function useTextSelected(isWanted: boolean): boolean {
  const [isSelected, setSelected] = useState(false);
  useEffect(() => {
    if (!isWanted) return;
    const look = () => {
      const selection = document.getSelection();
      const at = selection?.anchorNode;
      const place = at instanceof Element ? at : at?.parentElement;
      setSelected(selection?.isCollapsed === false && place?.closest('[role="table"]') !== null);
    };
    document.addEventListener('selectionchange', look);
    return () => document.removeEventListener('selectionchange', look);
  }, [isWanted]);
  return isWanted && isSelected;
}
