/** The pages of the navigation, in its order; `key` after `g` goes there. */
export const PAGES = [
  { to: '/overview', label: 'Overview', key: 'o', isPhone: false, forAll: false },
  { to: '/alerts', label: 'Alerts', key: 'a', isPhone: true, forAll: false },
  { to: '/events', label: 'Events', key: 'e', isPhone: false, forAll: false },
  { to: '/blocks', label: 'Blocks', key: 'b', isPhone: true, forAll: true },
  { to: '/hosts', label: 'Hosts', key: 'h', isPhone: false, forAll: false },
  { to: '/reports', label: 'Reports', key: 'r', isPhone: false, forAll: false },
] as const;

/** Those that administrators alone may open. */
const FOR_ADMINISTRATORS: readonly string[] = ['/reports'];

/** Those that somebody may open who reads evidence, or does not, and is an administrator, or is not. */
export function pagesOf(isReader: boolean, isAdministrator: boolean): (typeof PAGES)[number][] {
  return PAGES.filter(({ to, forAll }) => (FOR_ADMINISTRATORS.includes(to) ? isAdministrator : forAll || isReader));
}
