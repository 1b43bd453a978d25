import { Link } from '@tanstack/react-router';
import type { AddressReport } from '../api/types.js';
import type { Range } from '../app/range.js';
import { rangeOf, useSearchState } from '../app/search.js';
import { counted, countOf } from '../parts/numbers.js';
import page from '../parts/page.module.css';
import { When } from '../parts/when.js';

/** Where a link says no range: as far back as the reports look by themselves. */
const MONTH: Range = { from: 'now-30d', to: 'now' };

/** The range of the page of a subject. */
export function useSubjectRange(): Range {
  const [search] = useSearchState();
  return search.from ? rangeOf(search) : MONTH;
}

interface Props {
  report: Pick<AddressReport, 'events' | 'hidden' | 'first' | 'last'>;
  range: Range;
  /** Finds its events. */
  q: string;
  /** False for those who may not see events. */
  isLinked?: boolean;
}

/** How much of a subject was seen in the range, and when. */
export function Seen({ report: { events, hidden, first, last }, range, q, isLinked = true }: Props) {
  return (
    <p className={page.note}>
      {events === 0 ? 'Nothing seen in the range' : `${countOf(events, 'event')} in the range`}
      {hidden > 0 && `, + ${counted(hidden)} on other customers' hosts (hidden)`}
      {first && (
        <>
          ; first <When iso={first} />, last <When iso={last} />
        </>
      )}
      .{' '}
      {isLinked && events > 0 && (
        <Link to="/events" search={{ ...range, q }}>
          All its events
        </Link>
      )}
    </p>
  );
}
