import { absolute, relative, toTheMs } from './times.js';
import { useNow } from './use-now.js';

/** A time: relative within a day, on hover in UTC. `isExact` for evidence: absolute with milliseconds. */
export function When({ iso, isExact = false }: { iso: string | undefined; isExact?: boolean }) {
  // Drawn anew as the time goes on; what just came is not of the future.
  useNow();
  if (iso === undefined) return <span>unknown</span>;
  const ms = Date.parse(iso);
  return (
    <time dateTime={iso} title={`${iso}\n${absolute(ms)} local`}>
      {isExact ? toTheMs(ms) : relative(ms, Date.now())}
    </time>
  );
}
