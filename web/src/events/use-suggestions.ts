import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import type { Range } from '../app/range.js';
import { countOf } from '../parts/numbers.js';
import type { Writing } from './completion.js';

/** Something to choose. */
export interface Suggestion {
  value: string;
  /** What a field means, how often a value occurs. */
  note: string;
}

const SHOWN = 10;
const AFTER_MS = 120;

/** What may stand where somebody writes; `note` tells when the values are not those of the query. */
export function useSuggestions(writing: Writing | undefined, range: Range): { offered: Suggestion[]; note: string } {
  const fields = useFields(writing !== undefined);
  const values = useValues(writing, range);
  if (writing?.kind === 'field') {
    const written = writing.written.toLowerCase();
    const inOrder = [...fields].sort((a, b) => rank(a.field, written) - rank(b.field, written));
    const found = inOrder.filter(({ field }) => rank(field, written) < 2 && field !== writing.written);
    return { offered: found.slice(0, SHOWN).map(({ field, meaning }) => ({ value: field, note: meaning })), note: '' };
  }
  if (writing === undefined || values === undefined) return { offered: [], note: '' };
  return {
    offered: values.values.map(({ value, count }) => ({ value, note: countOf(count, 'event') })),
    note: values.isNarrowed ? '' : 'of the whole range: the rest of the query cannot be read yet',
  };
}

/** 0: begins so; 1: a part of the name does; 2: neither. */
function rank(field: string, written: string): number {
  const name = field.toLowerCase();
  if (name.startsWith(written)) return 0;
  return name.split('.').some((part) => part.startsWith(written)) ? 1 : 2;
}

function useFields(isWanted: boolean) {
  const { data } = useQuery({
    queryKey: ['fields'],
    queryFn: ({ signal }) => answer(api.GET('/events/fields', { signal })),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.fields ?? [];
}

/** Asked for when the keys rest; those of another field, or of another beginning, are not shown meanwhile. */
function useValues(writing: Writing | undefined, { from, to }: Range) {
  const wanted =
    writing?.kind === 'value'
      ? { field: writing.field, prefix: writing.written, query: writing.rest, from, to }
      : undefined;
  const [asked] = useDebouncedValue(wanted && JSON.stringify(wanted), AFTER_MS);
  const { data } = useQuery({
    queryKey: ['values', asked],
    queryFn: ({ signal }) => {
      const query = { ...(JSON.parse(asked as string) as NonNullable<typeof wanted>), limit: SHOWN };
      return answer(api.GET('/events/values', { params: { query }, signal }));
    },
    enabled: asked !== undefined,
  });
  return wanted && asked === JSON.stringify(wanted) ? data : undefined;
}
