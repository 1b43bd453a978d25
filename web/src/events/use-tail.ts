import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { answer, api } from '../api/client.js';
import type { Event } from '../api/types.js';
import { released, tailOf, withArrived } from './tail-rows.js';

const POLL_MS = 1_000;

/**
 * New events of a query as they arrive, on top of those that were loaded when it began. While it is held they wait. It is
 * asked for on while a browser shows the page; after a pause what came meanwhile is told of.
 */
export function useTail(query: string, loaded: readonly Event[], isOn: boolean, isHeld: boolean) {
  const [tail, setTail] = useState(() => tailOf([]));
  const [isCut, setCut] = useState(false);
  const cursor = useRef<string>(undefined);
  const begin = useRef(loaded);
  begin.current = loaded;
  const held = useRef(isHeld);
  held.current = isHeld;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query begins anew
  useEffect(() => {
    cursor.current = undefined;
    setCut(false);
    setTail(tailOf(isOn ? begin.current : []));
  }, [query, isOn]);
  useEffect(() => {
    if (!isHeld) setTail(released);
  }, [isHeld]);
  const asked = useQuery({
    queryKey: ['tail', query],
    queryFn: async ({ signal }) => {
      const at = cursor.current === undefined ? {} : { cursor: cursor.current };
      const told = await answer(api.GET('/events/tail', { params: { query: { query, ...at } }, signal }));
      cursor.current = told.cursor;
      setTail((before) => withArrived(before, told.events, told.at, held.current));
      setCut(told.isCut);
      return told.at;
    },
    enabled: isOn,
    refetchInterval: POLL_MS,
    gcTime: 0,
    staleTime: 0,
  });
  return { ...tail, isCut, error: asked.error, refetch: asked.refetch };
}
