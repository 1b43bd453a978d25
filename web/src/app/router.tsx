import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { PasswordPage } from '../session/password-page.js';
import { SetUpPage } from '../session/set-up-page.js';
import { NotFound } from './not-found.js';
import { parseSearch, searchOf, stringifySearch } from './search.js';
import { Shell } from './shell.js';

const root = createRootRoute({
  validateSearch: searchOf,
  // It stays when another page is opened.
  search: { middlewares: [retainSearchParams(['tenant'])] },
  component: Outlet,
  notFoundComponent: NotFound,
});

const setUp = createRoute({ getParentRoute: () => root, path: '/setup', component: SetUpPage });
const password = createRoute({ getParentRoute: () => root, path: '/password', component: PasswordPage });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const index = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: ({ location }) => {
    // The fragment may say what became of a sign-in.
    throw redirect({ to: '/overview', hash: location.hash });
  },
});
const overview = createRoute({
  getParentRoute: () => shell,
  path: '/overview',
  component: lazyRouteComponent(() => import('../overview/overview-page.js'), 'OverviewPage'),
});
const alerts = createRoute({
  getParentRoute: () => shell,
  path: '/alerts',
  component: lazyRouteComponent(() => import('../alerts/alerts-page.js'), 'AlertsPage'),
});
const alert = createRoute({
  getParentRoute: () => shell,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('../alerts/alert-page.js'), 'AlertPage'),
});
const events = createRoute({
  getParentRoute: () => shell,
  path: '/events',
  component: lazyRouteComponent(() => import('../events/events-page.js'), 'EventsPage'),
});
const blocks = createRoute({
  getParentRoute: () => shell,
  path: '/blocks',
  component: lazyRouteComponent(() => import('../blocks/blocks-page.js'), 'BlocksPage'),
});
const address = createRoute({
  getParentRoute: () => shell,
  path: '/addresses/$address',
  component: lazyRouteComponent(() => import('../subjects/address-page.js'), 'AddressPage'),
});
const user = createRoute({
  getParentRoute: () => shell,
  path: '/users/$name',
  component: lazyRouteComponent(() => import('../subjects/user-page.js'), 'UserPage'),
});
const hosts = createRoute({
  getParentRoute: () => shell,
  path: '/hosts',
  component: lazyRouteComponent(() => import('../hosts/hosts-page.js'), 'HostsPage'),
});
const reports = createRoute({
  getParentRoute: () => shell,
  path: '/reports',
  component: lazyRouteComponent(() => import('../reports/reports-page.js'), 'ReportsPage'),
});
const users = createRoute({
  getParentRoute: () => shell,
  path: '/users',
  component: lazyRouteComponent(() => import('../people/users-page.js'), 'UsersPage'),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('../people/account-page.js'), 'AccountPage'),
});
const rules = createRoute({
  getParentRoute: () => shell,
  path: '/rules',
  component: lazyRouteComponent(() => import('../rules/rules-page.js'), 'RulesPage'),
});
const lists = createRoute({
  getParentRoute: () => shell,
  path: '/lists',
  component: lazyRouteComponent(() => import('../lists/lists-page.js'), 'ListsPage'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  component: lazyRouteComponent(() => import('../audit/audit-page.js'), 'AuditPage'),
});
const system = createRoute({
  getParentRoute: () => shell,
  path: '/system',
  component: lazyRouteComponent(() => import('../system/system-page.js'), 'SystemPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    setUp,
    password,
    shell.addChildren([
      index,
      overview,
      alerts,
      alert,
      events,
      blocks,
      address,
      user,
      hosts,
      rules,
      lists,
      reports,
      users,
      account,
      audit,
      system,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
