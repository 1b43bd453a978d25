import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './rows.module.css';

export interface Column<T> {
  id: string;
  title: string;
  /** CSS width of the column: `12ch`, `minmax(20ch, 1fr)`. */
  width: string;
  cell: (row: T) => ReactNode;
  isNumber?: boolean;
  /** Left out on a phone. */
  isWide?: boolean;
}

interface More {
  hasNextPage: boolean;
  isFetching: boolean;
  /** The last try failed: only the page's own Retry asks again. */
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  /** The row that the keys act on, one of `rows`. */
  current?: T | undefined;
  onCurrent?: (row: T) => void;
  onOpen?: (row: T) => void;
  /** Asked for when the end comes near. */
  more?: More;
  /** Whether the first row is out of sight. */
  onScrolled?: (isScrolled: boolean) => void;
}

const PHONE = '(max-width: 700px)';
const AHEAD_ROWS = 20;

/** A table that draws only the rows in sight. Selecting text opens nothing: a click on a row only makes it current. */
export function Rows<T>({ label, columns, rows, current, onCurrent, onOpen, more, onScrolled }: Props<T>) {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false }) ?? false;
  const shown = columns.filter(({ isWide }) => !(isWide && isPhone));
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? 44 : 28),
    overscan: AHEAD_ROWS,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!more?.hasNextPage || more.isFetching || more.isFetchNextPageError) return;
    if (rows.length > 0 && last >= rows.length - AHEAD_ROWS) void more.fetchNextPage();
  }, [more, last, rows.length]);
  const at = current === undefined ? -1 : rows.indexOf(current);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  const widths = shown.map(({ width }) => (isPhone ? width.replace(/^minmax\([^,]+,/, 'minmax(0,') : width));
  const layout = { gridTemplateColumns: widths.join(' ') };
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={({ currentTarget }) => onScrolled?.(currentTarget.scrollTop > 0)}
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className={styles.table}>
        <div role="rowgroup" className={styles.head}>
          {/* biome-ignore lint/a11y/useFocusableInteractive: a row of headings is not acted on */}
          <div role="row" aria-rowindex={1} className={styles.row} style={layout}>
            {shown.map(({ id, title, isNumber }) => (
              // biome-ignore lint/a11y/useFocusableInteractive: a heading is not acted on
              <div key={id} role="columnheader" className={isNumber ? styles.number : styles.cell}>
                {title}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start, key }) => {
            const row = rows[index] as T;
            const isCurrent = index === at;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter do it from anywhere on the page
              // biome-ignore lint/a11y/useFocusableInteractive: the links inside are
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                aria-current={isCurrent || undefined}
                className={`${styles.row} ${styles.placed} ${isCurrent ? styles.current : ''}`}
                style={{ ...layout, transform: `translateY(${start}px)` }}
                onClick={() => onCurrent?.(row)}
                onDoubleClick={() => onOpen?.(row)}
              >
                {shown.map(({ id, cell, isNumber }) => (
                  <div key={id} role="cell" className={isNumber ? styles.number : styles.cell}>
                    {cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
