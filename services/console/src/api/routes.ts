import { ABUSE_ROUTES } from '../abuse/abuse-routes.js';
import { ALERT_ROUTES } from '../alerts/alert-routes.js';
import { AUDIT_ROUTES } from '../audit/audit-routes.js';
import { BLOCK_ROUTES } from '../blocks/block-routes.js';
import { DETECTION_ROUTES } from '../detections/detection-routes.js';
import { ERASURE_ROUTES } from '../erasure/erasure-routes.js';
import { EVENT_ROUTES } from '../events/event-routes.js';
import { FEED_ROUTES } from '../feeds/feed-routes.js';
import { HOST_ROUTES } from '../hosts/host-routes.js';
import { LIST_ROUTES } from '../lists/list-routes.js';
import { OIDC_ROUTES } from '../oidc/oidc-routes.js';
import { ORIGIN_ROUTES } from '../origins/origin-routes.js';
import { OVERVIEW_ROUTES } from '../overview/overview-routes.js';
import { REPORT_ROUTES } from '../reports/report-routes.js';
import { SEARCH_ROUTES } from '../searches/search-routes.js';
import { ACCOUNT_ROUTES } from '../session/account-routes.js';
import { SESSION_ROUTES } from '../session/session-routes.js';
import { TOKEN_ROUTES } from '../session/token-routes.js';
import { SUBJECT_ROUTES } from '../subjects/subject-routes.js';
import { SYSTEM_ROUTES } from '../system/system-routes.js';
import { TENANT_ROUTES } from '../tenancy/tenant-routes.js';
import type { Route } from './route.js';

/** Every endpoint by the name of its operation. */
export const ROUTES = {
  ...SESSION_ROUTES,
  ...OIDC_ROUTES,
  ...ACCOUNT_ROUTES,
  ...TOKEN_ROUTES,
  ...TENANT_ROUTES,
  ...OVERVIEW_ROUTES,
  ...ALERT_ROUTES,
  ...EVENT_ROUTES,
  ...SEARCH_ROUTES,
  ...BLOCK_ROUTES,
  ...SUBJECT_ROUTES,
  ...ORIGIN_ROUTES,
  ...ABUSE_ROUTES,
  ...HOST_ROUTES,
  ...DETECTION_ROUTES,
  ...LIST_ROUTES,
  ...REPORT_ROUTES,
  ...AUDIT_ROUTES,
  ...ERASURE_ROUTES,
  ...SYSTEM_ROUTES,
  ...FEED_ROUTES,
} satisfies Record<string, Route>;

export type Operation = keyof typeof ROUTES;

/** Where the API begins. */
export const API_ROOT = '/api/v1';

/** Where programs of others ask: the root of CrowdSec's local API. */
export const FEED_ROOT = '/v1';
