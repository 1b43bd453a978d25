import type { Person, Role } from '../api/types.js';

/** What each role may, as docs/console.md says. */
export const ROLE_WORDS: Record<Role, string> = {
  viewer: 'Sees overview, alerts, events, blocks and hosts.',
  helpdesk: 'Looks an address up, sees blocks, lifts one.',
  analyst: 'Sees all that a viewer sees; notes on alerts; blocks, lifts, allows.',
  administrator: 'All of it; for all tenants also people, tokens, audit log and system.',
};

export const STATES: Record<Person['state'], { word: string; tone: 'good' | 'warning' | 'plain' }> = {
  active: { word: 'Active', tone: 'good' },
  invited: { word: 'Invited', tone: 'plain' },
  disabled: { word: 'Disabled', tone: 'warning' },
};

/** A path of the API as a link that can be sent to somebody. */
export function linkOf(path: string): string {
  return `${window.location.origin}${path}`;
}

export function tenantText(tenant: string | undefined): string {
  return tenant ?? 'all tenants';
}
