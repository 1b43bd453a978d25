import type { Me } from '../api/types.js';

/** Who may open a page: everybody, those who read evidence, or those who answer for the whole installation. */
type Audience = 'all' | 'readers' | 'administrators';

interface Page {
  to: string;
  label: string;
  /** After `g` it goes there. */
  key?: string;
  isPhone: boolean;
  audience: Audience;
}

/** The pages of the navigation, in its order. */
export const PAGES = [
  { to: '/overview', label: 'Overview', key: 'o', isPhone: false, audience: 'readers' },
  { to: '/alerts', label: 'Alerts', key: 'a', isPhone: true, audience: 'readers' },
  { to: '/events', label: 'Events', key: 'e', isPhone: false, audience: 'readers' },
  { to: '/blocks', label: 'Blocks', key: 'b', isPhone: true, audience: 'all' },
  { to: '/hosts', label: 'Hosts', key: 'h', isPhone: false, audience: 'readers' },
  { to: '/audit', label: 'Audit', isPhone: false, audience: 'administrators' },
  { to: '/system', label: 'System', isPhone: false, audience: 'administrators' },
] as const satisfies readonly Page[];

/** Those that somebody may open. */
export function pagesOf({ role, tenant }: Pick<Me, 'role' | 'tenant'>): (typeof PAGES)[number][] {
  const isAdministrator = role === 'administrator' && tenant === undefined;
  const isOpen = { all: true, readers: role !== 'helpdesk', administrators: isAdministrator };
  return PAGES.filter(({ audience }) => isOpen[audience]);
}
