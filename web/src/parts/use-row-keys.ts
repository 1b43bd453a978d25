import { useKeys } from '../app/use-keys.js';

/** `j` and `k` move through rows, Enter opens. Answers the current row. */
export function useRowKeys<T>(
  rows: T[],
  idOf: (row: T) => string,
  current: string | undefined,
  { move, open }: { move: (row: T) => void; open?: ((row: T) => void) | undefined },
): T | undefined {
  const at = rows.findIndex((row) => idOf(row) === current);
  const step = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (next !== undefined) move(next);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    Enter: () => {
      const row = rows[at];
      if (row !== undefined) open?.(row);
    },
  });
  return rows[at];
}
