import type { Me } from '../api/types.js';
import { may } from '../session/session.js';

/**
 * The pages of the navigation, in its order; `key` after `g` goes there. `whose`: of all, of those who
 * read evidence, of administrators; `fleet…`: of those alone who are of no tenant.
 */
export const PAGES = [
  { to: '/overview', label: 'Overview', key: 'o', isPhone: false, whose: 'readers' },
  { to: '/alerts', label: 'Alerts', key: 'a', isPhone: true, whose: 'readers' },
  { to: '/events', label: 'Events', key: 'e', isPhone: false, whose: 'readers' },
  { to: '/blocks', label: 'Blocks', key: 'b', isPhone: true, whose: 'all' },
  { to: '/hosts', label: 'Hosts', key: 'h', isPhone: false, whose: 'readers' },
  { to: '/rules', label: 'Rules', key: 'r', isPhone: false, whose: 'readers' },
  { to: '/lists', label: 'Lists', key: 'l', isPhone: false, whose: 'fleetReaders' },
  { to: '/reports', label: 'Reports', key: 'p', isPhone: false, whose: 'administrators' },
  { to: '/users', label: 'Users', key: 'u', isPhone: false, whose: 'fleetAdministrators' },
  { to: '/audit', label: 'Audit', isPhone: false, whose: 'fleetAdministrators' },
  { to: '/system', label: 'System', isPhone: false, whose: 'fleetAdministrators' },
] as const;

/** Those that somebody may open. */
export function pagesOf(me: Pick<Me, 'role' | 'tenant'>): (typeof PAGES)[number][] {
  const mayOpen = {
    all: true,
    readers: may.read(me.role),
    fleetReaders: may.read(me.role) && me.tenant === undefined,
    administrators: may.administer(me.role),
    fleetAdministrators: may.administerFleet(me),
  };
  return PAGES.filter(({ whose }) => mayOpen[whose]);
}
