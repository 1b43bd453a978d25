/** An option that may stand several times. One value each: `--rules DIR FILE` must leave the file alone. */
export function repeated(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}
