/** One logon, as told of by one line. */
export interface Logon {
  id: string;
  outcome: 'failure' | 'success';
  timeMs: number;
  address: string;
  account: string;
  host: string;
}

export interface OracleRule {
  groupBy: 'address' | 'account';
  /** What is counted distinct; attempts themselves without. */
  counts?: 'address' | 'account' | 'host';
  threshold: number;
  windowMs: number;
}

const MINUTE_MS = 60_000;
const MISTYPES = 2;
const MISTYPED_WITHIN_MS = 10 * MINUTE_MS;

/** What a rule comes to in the end, of one key. */
export interface Verdict {
  counted: Logon[];
  known: Logon[];
}

/**
 * Who is excused, in words, over all that ever happened under one key, in event time:
 *
 * 1. A failure is known when the same person (address and account; on the same host, where the rule counts hosts) had a
 *    clean success before.
 * 2. At a success, what counts as failed is what is neither known nor forgiven by then. On an address, a success guesses
 *    when others have failed there more than twice in ten minutes, or when all counted failures but this person's of the
 *    last ten minutes have fired the rule in a window that ended within a window before.
 * 3. A success that does not guess and follows at most two counted failures of the same person in ten minutes forgives
 *    these and is clean. One that does not guess, of a person who is known, forgives that person's known failures of ten minutes.
 *
 * Looks at everything for every question.
 */
export function verdictOf(rule: OracleRule, logons: readonly Logon[]): Verdict {
  const ordered = [...logons].sort(inOrder);
  const clean: Logon[] = [];
  const forgiven = new Set<Logon>();
  const known = new Set<Logon>();
  const isSame = (a: Logon, b: Logon) => a.address === b.address && a.account === b.account;
  const isKnown = (one: Logon) =>
    clean.some((s) => isSame(s, one) && s.timeMs < one.timeMs && (rule.counts !== 'host' || s.host === one.host));
  ordered.forEach((one, index) => {
    if (one.outcome === 'failure') {
      if (isKnown(one)) known.add(one);
      return;
    }
    const failed = ordered.slice(0, index).filter((f) => f.outcome === 'failure' && !forgiven.has(f));
    const counted = failed.filter((f) => !known.has(f));
    const isRecent = (f: Logon) => f.timeMs >= one.timeMs - MISTYPED_WITHIN_MS;
    const own = counted.filter((f) => isRecent(f) && isSame(f, one));
    const others = counted.filter((f) => isRecent(f) && !isSame(f, one));
    const guesses =
      rule.groupBy === 'address' &&
      (others.length > MISTYPES ||
        firing(
          rule,
          counted.filter((f) => !own.includes(f)),
        ).some((window) => (window.at(-1) as Logon).timeMs >= one.timeMs - rule.windowMs));
    if (guesses) return;
    if (isKnown(one)) for (const f of failed) if (known.has(f) && isRecent(f) && isSame(f, one)) forgiven.add(f);
    if (own.length > MISTYPES) return;
    for (const f of own) forgiven.add(f);
    clean.push(one);
  });
  const failures = ordered.filter((one) => one.outcome === 'failure' && !forgiven.has(one));
  return { counted: failures.filter((f) => !known.has(f)), known: failures.filter((f) => known.has(f)) };
}

/** Every window of the rule's length that holds the threshold, begun with each failure. */
function firing(rule: OracleRule, failures: readonly Logon[]): Logon[][] {
  const windows = failures.flatMap((first, index) => {
    const rest = failures.slice(index).filter(({ timeMs }) => timeMs <= first.timeMs + rule.windowMs);
    // Any end of it will do: the shortest that holds the threshold, and all longer ones.
    return rest.map((_, at) => rest.slice(0, at + 1));
  });
  return windows.filter((window) => measureOf(rule, window) >= rule.threshold);
}

function measureOf({ counts }: OracleRule, failures: readonly Logon[]): number {
  return counts === undefined ? failures.length : new Set(failures.map((one) => one[counts])).size;
}

/** The failures of the alert that these lead to: what fires, and what is within a window of that; empty when none does. */
export function episodeOf(rule: OracleRule, failures: readonly Logon[]): Logon[] {
  let episode = [...new Set(firing(rule, failures).flat())];
  for (;;) {
    const times = episode.map(({ timeMs }) => timeMs);
    const [from, to] = [Math.min(...times) - rule.windowMs, Math.max(...times) + rule.windowMs];
    const next = failures.filter(({ timeMs }) => timeMs >= from && timeMs <= to);
    if (next.length === episode.length) return next;
    episode = next;
  }
}

/** Whether a success comes when the failures before it have fired, and not longer after the last of them than `withinMs`. */
export function follows(rule: OracleRule, counted: readonly Logon[], success: Logon, withinMs: number): boolean {
  const before = episodeOf(rule, counted).filter(({ timeMs }) => timeMs <= success.timeMs);
  const last = before.at(-1);
  return last !== undefined && success.timeMs - last.timeMs <= withinMs && firing(rule, before).length > 0;
}

function inOrder(a: Logon, b: Logon): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.outcome !== b.outcome) return a.outcome === 'failure' ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
