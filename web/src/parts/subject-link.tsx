import { Link } from '@tanstack/react-router';
import { keptSearch, type Search } from '../app/search.js';
import { conditionOf } from '../events/query-text.js';
import { BriefOrigin } from '../origins/origin.js';
import { HostileText } from './hostile-text.js';

/** A value that has a page of its own, or else is looked for in Events; where an address is from stands beside it. `range`: an alert's own first to last. */
export function SubjectLink({ field, value, range }: { field: string; value: string; range?: Search }) {
  const search = (before: Search): Search => range ?? keptSearch(before);
  if (field === 'source.ip' || field === 'destination.ip') {
    return (
      <>
        <Link to="/addresses/$address" params={{ address: value }} search={search}>
          <HostileText text={value} />
        </Link>
        <BriefOrigin address={value} />
      </>
    );
  }
  if (field === 'user.name') {
    return (
      <Link to="/users/$name" params={{ name: value }} search={search}>
        <HostileText text={value} />
      </Link>
    );
  }
  return (
    <Link to="/events" search={(before: Search) => ({ ...search(before), q: conditionOf(field, value) })}>
      <HostileText text={value} />
    </Link>
  );
}
