import { logonSuites } from './logon.suites.test-support.js';
import { mailSuites } from './mail.suites.test-support.js';
import { serviceSuites } from './service.suites.test-support.js';
import type { Suite } from './suite.test-support.js';
import { webSuites } from './web.suites.test-support.js';
import { windowsSuites } from './windows.suites.test-support.js';
import { windowsLogsSuites } from './windows-logs.suites.test-support.js';

/** Every suite, by area, in the order of the table. */
export const AREAS: readonly { title: string; suites: readonly Suite[] }[] = [
  { title: 'Logons of Linux', suites: logonSuites },
  { title: 'FTP and mail', suites: mailSuites },
  { title: 'Web servers and applications', suites: webSuites },
  { title: 'Other services of Linux', suites: serviceSuites },
  { title: 'Windows', suites: windowsSuites },
  { title: 'Logs of services on Windows', suites: windowsLogsSuites },
];
