/** The cookie of a session. */
export const SESSION_COOKIE = 'fleetwall-session';

/** Whoever acts with a session must send it: a form or a link of another site cannot. */
export const CSRF_HEADER = 'x-fleetwall';

/** Who answers for all tenants asks as somebody of this one: sees and may do what its people do, under the own role. */
export const TENANT_HEADER = 'x-fleetwall-tenant';

/** The cookie of a sign-in that is under way at the provider. */
export const OIDC_COOKIE = 'fleetwall-oidc';
