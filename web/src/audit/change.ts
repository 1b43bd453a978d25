/** What was before or after an act, in one line: `role: viewer, tenant: acme`. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing recorded';
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value).map(
    ([key, part]) => `${key}: ${typeof part === 'string' ? part : JSON.stringify(part)}`,
  );
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
