import type { Config, Home } from '@fleetwall/config';
import type { ConsoleOptions } from './console-options.js';
import { oidcOptions } from './oidc/oidc-options.js';
import { WEB_ROOT } from './web/web-files.js';

/** What the configuration says of a console, whatever process it is in. Throws SECRET_UNREADABLE. */
export function configuredOptions(config: Config, home: Home) {
  const { limits, geo, store, notifications } = config;
  return {
    limits,
    reverseNames: { isAllowed: geo.reverseNames, resolvers: geo.resolvers },
    retentionDays: store.retentionDays,
    auditDays: store.retention.auditDays,
    notifications,
    setupFile: home.consoleSetup,
    dataDirectory: home.directory,
    webRoot: WEB_ROOT,
    ...oidcOptions(config),
  } satisfies Partial<ConsoleOptions>;
}
