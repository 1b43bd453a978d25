// Which tests are run when, as patterns that jest holds against whole paths.
import { ROOT } from './setup.mjs';

/** Those that start processes, servers, firewalls or browsers, which would take the time from each other. */
export const ALONE = belowRoot(
  'test/(browser|chaos|cli|cluster|daemons|deploy|e2e|hostile|privacy|soak)/',
  'libs/adapters/(kafka|elasticsearch)/',
  'collector/src/(firewalls|enforcement)/',
);

/** Those, and what takes long by itself: corpora, properties over thousands of cases, stores, packets through the kernel. */
export const LONG = [
  ...ALONE,
  ...belowRoot('test/(console|bench|truth)/', 'libs/adapters/embedded/', 'collector/src/inputs/'),
  '/(kernel|traffic|crash|kill|hostile)[.]test',
  '(propert(y|ies)|model|every-source|windows-snapshot|windows-eviction|sweep-pace|open-windows-records)[.]test',
];

/** Arguments of jest: all tests but these. */
export function allBut(patterns) {
  return ['/node_modules/', '/dist/', ...patterns].map((pattern) => `--testPathIgnorePatterns=${pattern}`);
}

function belowRoot(...paths) {
  return paths.map((path) => `^${ROOT.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}/?${path}`);
}
