import { useSearchState } from '../app/search.js';
import { useKeys } from '../app/use-keys.js';

/** The row that the keys act on, named by `field` of the address: `j` and `k` move it, Enter opens it. */
export function useCurrentRow<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  field: 'row' | 'block',
  open?: (row: T) => void,
): { current: T | undefined; select: (row: T) => void } {
  const [search, change] = useSearchState();
  const at = rows.findIndex((row) => idOf(row) === search[field]);
  const current = rows[at];
  const select = (row: T) => change({ [field]: idOf(row) }, false);
  const step = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (next !== undefined) select(next);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    Enter: () => {
      if (current !== undefined) open?.(current);
    },
  });
  return { current, select };
}
