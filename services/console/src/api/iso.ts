/** A time as the API answers it. */
export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** The same of a time that may be absent, for spreading: `{ last: … }` or nothing. */
export function isoIf<N extends string>(name: N, timeMs: number | undefined): { [K in N]?: string } {
  return (timeMs === undefined ? {} : { [name]: iso(timeMs) }) as { [K in N]?: string };
}
