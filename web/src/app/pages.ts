/** The pages of the navigation, in its order; `key` after `g` goes there. */
export const PAGES = [
  { to: '/overview', label: 'Overview', key: 'o', isPhone: false, forAll: false },
  { to: '/alerts', label: 'Alerts', key: 'a', isPhone: true, forAll: false },
  { to: '/events', label: 'Events', key: 'e', isPhone: false, forAll: false },
  { to: '/blocks', label: 'Blocks', key: 'b', isPhone: true, forAll: true },
  { to: '/hosts', label: 'Hosts', key: 'h', isPhone: false, forAll: false },
  { to: '/rules', label: 'Rules', key: 'r', isPhone: false, forAll: false },
  { to: '/lists', label: 'Lists', key: 'l', isPhone: false, forAll: false },
] as const;

/** For those alone who answer for all tenants. */
const FLEET_WIDE: readonly string[] = ['/lists'];

/** Those that somebody may open who reads evidence, or does not, for all tenants or one. */
export function pagesOf(isReader: boolean, isFleetWide: boolean): (typeof PAGES)[number][] {
  return PAGES.filter(({ forAll, to }) => (forAll || isReader) && (isFleetWide || !FLEET_WIDE.includes(to)));
}
