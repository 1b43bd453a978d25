/** The one tenant that somebody of all tenants looks at, as the address says; undefined: all of them. */
export function seenTenant(): string | undefined {
  return new URLSearchParams(window.location.search).get('tenant') || undefined;
}
